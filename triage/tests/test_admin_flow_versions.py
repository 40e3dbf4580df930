"""The admin compares versions of a flow, returns to one, and lets a flow learn, if staff may."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from triage import orchestrator
from triage.flows.loader import current_version, load_flow
from triage.models import Correction, FlowVersion
from triage.tests.cast import acting, bob, make_case, staff_who_may
from triage.tests.loaded_flows import load_small_flow
from triage.tests.small_flow import SMALL, flow_with

pytestmark = pytest.mark.django_db(transaction=True)
LIST = reverse("admin:triage_flowversion_changelist")


def compared(old: int, new: int, flow: str = SMALL.id) -> str:
    return reverse("admin:triage_flowversion_compare", args=[flow, old, new])


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(bob())
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    load_small_flow()
    load_flow(flow_with(lambda data: data["complexity"].update(medium=2)))
    return client


def act(client: Client, action: str, *versions: FlowVersion) -> list[str]:
    response = client.post(LIST, {"action": action, "_selected_action": [version.pk for version in versions]})
    return [f"{message.level_tag}: {message}" for message in get_messages(response.wsgi_request)]


def test_the_list_links_each_version_to_what_changed(staff: Client) -> None:
    page = staff.get(LIST).content.decode()
    assert compared(1, 2) in page
    assert compared(0, 1) not in page
    shown = staff.get(compared(1, 2)).content.decode()
    assert "<code>complexity.medium</code>: 3.0 → 2.0" in shown
    assert "Nothing changed." in staff.get(compared(2, 2)).content.decode()


def test_what_is_not_there_is_said(staff: Client) -> None:
    for address in (compared(1, 9), compared(1, 2, "none")):
        assert staff.get(address).status_code == 404


def test_staff_return_to_a_version(staff: Client) -> None:
    first = FlowVersion.objects.get(version=1)
    (told,) = act(staff, "make_newest", first)
    assert told.startswith("success: three-questions v3 has the content of three-questions v1.")
    assert (current_version(SMALL.id).version, current_version(SMALL.id).origin) == (3, "restored")
    assert LogEntry.objects.get().change_message == "restored"


def test_two_versions_of_one_flow_cannot_both_be_the_newest(staff: Client) -> None:
    assert act(staff, "make_newest", *FlowVersion.objects.all()) == ["error: Choose one version of each flow."]
    assert FlowVersion.objects.count() == 2


def test_staff_let_a_flow_learn(staff: Client) -> None:
    case = make_case(text="The pedals grind")
    orchestrator.override(actor=acting(bob()), case_id=case.pk, field="category", value="wear", reason="x")
    orchestrator.approve_correction(actor=acting(bob()), correction_id=Correction.objects.get().pk)
    newest = current_version(SMALL.id)
    (told,) = act(staff, "learn_corrections", newest)
    assert told == f"success: three-questions v{newest.version + 1}: 1 new examples."
    assert current_version(SMALL.id).origin == "learnt"


def test_who_may_only_look_may_compare_and_no_more(staff: Client) -> None:
    staff.force_login(staff_who_may("view_flowversion"))
    assert staff.get(compared(1, 2)).status_code == 200
    act(staff, "make_newest", FlowVersion.objects.get(version=1))
    assert FlowVersion.objects.count() == 2
    staff.force_login(staff_who_may("view_case"))
    assert staff.get(compared(1, 2)).status_code == 403
