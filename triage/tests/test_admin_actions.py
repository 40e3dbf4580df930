"""Staff act on cases through the verbs: asked once more, told what became of each, and on record."""

from __future__ import annotations

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from triage import eventlog, orchestrator
from triage.access import SYSTEM
from triage.models import Case, TriageRun
from triage.tests.cast import CRASH, bob, completed_case, make_case, staff_who_may

pytestmark = pytest.mark.django_db(transaction=True)
LIST = reverse("admin:triage_case_changelist")


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(bob())
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def act(client: Client, action: str, *cases: Case, confirmed: bool = True, **more: str) -> HttpResponse:
    data = {"action": action, "index": "0", "_selected_action": [case.pk for case in cases], **more}
    if confirmed:
        data["confirmed"] = "yes"
    return client.post(LIST, data)  # type: ignore[return-value]


def told(response: HttpResponse) -> list[str]:
    return [f"{message.level_tag}: {message}" for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


def test_nothing_happens_before_it_is_confirmed(staff: Client) -> None:
    case = make_case()
    page = act(staff, "cancel", case, confirmed=False)
    assert page.status_code == 200
    assert case.pk in page.content.decode()
    assert CRASH in page.content.decode()  # an id says nothing to who has to decide
    assert 'name="confirmed"' in page.content.decode()
    case.refresh_from_db()
    assert case.state == "interviewing"


def test_cancelling_cancels_as_staff(staff: Client) -> None:
    case = make_case()
    response = act(staff, "cancel", case)
    case.refresh_from_db()
    assert case.state == "cancelled"
    assert eventlog.all_of(case.pk)[-1].data["by"] == "staff"
    assert told(response) == [f"success: 1 case was cancelled. {case.pk}"]


def test_a_case_that_refuses_does_not_stop_the_others(staff: Client) -> None:
    done, first, second = completed_case(), make_case(), make_case()
    response = act(staff, "cancel", done, first, second)
    assert set(Case.objects.values_list("state", flat=True).filter(pk__in=[first.pk, second.pk])) == {"cancelled"}
    (success, error) = told(response)
    assert success.startswith("success: 2 cases were cancelled.")
    assert error == f"error: {done.pk}: The case is completed already."


def test_what_changes_nothing_is_not_called_a_success(staff: Client) -> None:
    case = make_case()
    orchestrator.cancel(actor=SYSTEM, case_id=case.pk)
    assert told(act(staff, "cancel", case)) == [f"info: 1 case was so already. {case.pk}"]
    assert not LogEntry.objects.exists()


def test_ending_an_interview_queues_its_analysis(staff: Client) -> None:
    case = make_case()
    act(staff, "force_complete", case)
    case.refresh_from_db()
    assert case.state == "queued"
    assert TriageRun.objects.filter(case=case, state="queued").exists()


def test_a_completed_case_is_analysed_again(staff: Client) -> None:
    case = completed_case()
    act(staff, "retry", case)
    case.refresh_from_db()
    assert case.state == "queued"


def test_from_the_cases_page_one_comes_back_to_it(staff: Client) -> None:
    case = make_case()
    response = act(staff, "cancel", case, from_case=case.pk)
    assert response["Location"] == reverse("admin:triage_case_change", args=[case.pk.replace("_", "_5F")])
    assert staff.get(response["Location"]).status_code == 200


def test_all_cases_of_the_list_may_be_chosen_at_once(staff: Client) -> None:
    cases = [make_case() for _ in range(3)]
    page = act(staff, "cancel", cases[0], confirmed=False, select_across="1")
    assert all(case.pk in page.content.decode() for case in cases)
    act(staff, "cancel", cases[0], select_across="1")
    assert set(Case.objects.values_list("state", flat=True)) == {"cancelled"}


def test_history_knows_who_it_was(staff: Client) -> None:
    case = make_case()
    act(staff, "cancel", case)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.change_message) == (bob(), case.pk, "cancel")


def test_who_may_only_look_may_not_act(client: Client) -> None:
    case = make_case()
    client.force_login(staff_who_may("view_case"))
    act(client, "cancel", case)
    case.refresh_from_db()
    assert case.state == "interviewing"


def test_one_case_is_exported_as_json(staff: Client) -> None:
    case = make_case()
    response = act(staff, "export", case)
    assert response["Content-Disposition"] == f'attachment; filename="{case.pk}.json"'
    assert json.loads(response.content)["id"] == case.pk


def test_several_cases_are_exported_one_a_line(staff: Client) -> None:
    cases = [make_case(), make_case()]
    lines = act(staff, "export", *cases).content.decode().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [case.pk for case in cases]
