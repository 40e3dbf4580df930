"""Approved corrections become examples of the next version, stay when the file changes, and go with their case."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from triage import orchestrator
from triage.access import SYSTEM
from triage.errors import CorrectionNotFound, NotAllowed, TransitionRefused
from triage.flows.checks import parse_flow
from triage.flows.loader import current_version, load_flow
from triage.flows.versions import learn, roll_back
from triage.models import Case, Correction, FlowClassifier, FlowVersion
from triage.tests.cast import acting, alice, bob, make_case, staff_who_may
from triage.tests.loaded_flows import load_small_flow
from triage.tests.small_flow import SMALL, flow_data, flow_with
from triage_project.tests.faulty_valkey import FaultyValkey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def corrected(text: str, value: str = "wear", field: str = "category") -> Correction:
    case = make_case(text=text)
    orchestrator.override(actor=acting(bob()), case_id=case.pk, field=field, value=value, reason="Read it again")
    return Correction.objects.get(case=case, status="proposed")


def approved(text: str, value: str = "wear", field: str = "category") -> Correction:
    return orchestrator.approve_correction(actor=acting(bob()), correction_id=corrected(text, value, field).pk)


def examples() -> dict[str, Any]:
    return dict(current_version(SMALL.id).document.get("examples", {}))


def test_a_correction_keeps_the_words_without_what_names_somebody() -> None:
    told = "Write to ana@example.org or call +55 (81) 99999-0000, CPF 123.456.789-09. "
    text = told + "The chain of Ana's bicycle broke in 2026"
    case = make_case(text=text)
    orchestrator.keep_contact(actor=acting(alice()), case_id=case.pk, name="Ana")
    orchestrator.override(actor=acting(bob()), case_id=case.pk, field="category", value="wear", reason="It is")
    row = Correction.objects.get(case=case)
    assert row.text == "Write to […] or call […], CPF […]. The chain of […]'s bicycle broke in 2026"
    assert (row.old, row.new, row.language, row.by, row.status) == ("other", "wear", "en", bob(), "proposed")
    assert row.flow == case.flow


def test_only_approved_corrections_of_categories_are_learnt_and_each_once() -> None:
    right = approved("The pedals grind when it rains")
    corrected("Nobody looked at this one yet")
    orchestrator.reject_correction(actor=acting(bob()), correction_id=corrected("This one misleads").pk)
    approved("This says how hard it is", "high", "complexity")
    made, count = learn(SMALL.id)
    assert (made.version, count, made.origin, made.has_learnt) == (2, 1, "learnt", True)
    assert examples() == {"wear": {"en": [right.text]}}
    right.refresh_from_db()
    assert right.learnt_in == made
    assert learn(SMALL.id) == (made, 0)


def test_what_the_flow_says_already_is_not_learnt() -> None:
    approved("the pedals grind.")
    load_flow(flow_with(lambda data: data.update(held_out={"wear": {"en": ["The pedals GRIND."]}})))
    assert learn(SMALL.id)[1] == 0


def test_a_flow_that_has_learnt_is_as_valid_as_its_file() -> None:
    approved("The pedals grind")
    learn(SMALL.id)
    document = current_version(SMALL.id).document
    assert parse_flow(document).examples["wear"]["en"] == ["The pedals grind"]


def test_loading_the_same_file_again_takes_nothing_back(tmp_path: Path, settings: Settings) -> None:
    settings.TRIAGE_FLOW_DIRS = [str(tmp_path)]
    (tmp_path / "small.yaml").write_text(yaml.safe_dump(flow_data()), encoding="utf-8")
    call_command("flows", "load", verbosity=0)
    approved("The pedals grind")
    learnt, _ = learn(SMALL.id)
    call_command("flows", "load", verbosity=0)
    assert current_version(SMALL.id) == learnt
    roll_back(SMALL.id, 1)
    call_command("flows", "load", verbosity=0)
    assert current_version(SMALL.id).version == 3
    assert examples() == {}


def test_a_changed_file_keeps_what_was_learnt_unless_that_was_rolled_back() -> None:
    approved("The pedals grind")
    learn(SMALL.id)
    changed = flow_with(lambda data: data.update(currency="EUR"))
    made, _ = load_flow(changed)
    assert (made.version, made.document["currency"], made.has_learnt) == (3, "EUR", True)
    assert examples() == {"wear": {"en": ["The pedals grind"]}}
    roll_back(SMALL.id, 1)
    made, _ = load_flow(flow_with(lambda data: data.update(currency="USD")))
    assert (made.version, made.has_learnt, examples()) == (5, False, {})


def test_erasing_a_case_erases_its_words_from_all_versions_and_no_later_one_has_them() -> None:
    gone, stays = approved("The pedals grind"), approved("The saddle is loose")
    learn(SMALL.id)
    load_flow(flow_with(lambda data: data.update(currency="EUR")))
    orchestrator.erase(actor=SYSTEM, case_id=gone.case_id)
    assert not Correction.objects.filter(pk=gone.pk).exists()
    for version in FlowVersion.objects.all():
        assert gone.text not in str(version.document)
    approved("The bell is silent")
    learn(SMALL.id)
    assert examples() == {"wear": {"en": [stays.text, "The bell is silent"]}}


def test_what_was_found_by_erased_words_goes_with_them(valkey: FaultyValkey) -> None:
    gone = approved("The pedals grind")
    learn(SMALL.id)
    versions = [current_version(SMALL.id), FlowVersion.objects.earliest("version")]
    for version in versions:
        FlowClassifier.objects.create(flow=version, document=b"", recipe="", figures={}, milliseconds=0)
        cache.set(f"finding:{version.pk}:somebody", {"nearest": gone.text})
    orchestrator.erase(actor=SYSTEM, case_id=gone.case_id)
    assert [cache.get(f"finding:{version.pk}:somebody") is None for version in versions] == [True, False]
    assert list(FlowClassifier.objects.values_list("flow", flat=True)) == [versions[1].pk]


def test_two_who_let_it_learn_at_the_same_time_make_one_version() -> None:
    approved("The pedals grind")

    def one(_number: int) -> None:
        try:
            learn(SMALL.id)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(one, range(4)))
    assert FlowVersion.objects.count() == 2


def test_a_decision_that_is_taken_back_is_no_longer_to_be_learnt() -> None:
    row = approved("The pedals grind")
    orchestrator.override(actor=acting(bob()), case_id=row.case_id, field="category", value="crash", reason="No")
    assert learn(SMALL.id)[1] == 0
    with pytest.raises(TransitionRefused):
        orchestrator.approve_correction(actor=acting(bob()), correction_id=row.pk)


def test_who_may_not_approve_does_not() -> None:
    row = corrected("The pedals grind")
    with pytest.raises(NotAllowed):
        orchestrator.approve_correction(actor=acting(alice()), correction_id=row.pk)
    with pytest.raises(CorrectionNotFound):
        orchestrator.approve_correction(actor=SYSTEM, correction_id=0)
    row.refresh_from_db()
    assert row.status == "proposed"


def test_staff_approve_and_reject_in_the_admin_if_they_may(client: Client) -> None:
    rows = [corrected("The pedals grind"), corrected("The saddle is loose")]
    address = reverse("admin:triage_correction_changelist")

    def act(action: str, row: Correction) -> list[str]:
        response = client.post(address, {"action": action, "_selected_action": [row.pk]})
        row.refresh_from_db()
        return [str(message) for message in get_messages(response.wsgi_request)][-1:]

    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(staff_who_may("view_case", "change_case", "view_correction"))
    assert "The pedals grind" in client.get(address).content.decode()
    act("approve", rows[0])
    assert rows[0].status == "proposed"
    client.force_login(bob())
    assert act("approve", rows[0]) == ["1 correction is approved."]
    assert act("reject", rows[1]) == ["1 correction is rejected."]
    assert [(row.status, row.approved_by) for row in rows] == [("approved", bob()), ("rejected", bob())]
    assert all(row.approved_at for row in rows)
    page = client.get(reverse("admin:triage_correction_change", args=[rows[0].pk]))
    assert "The pedals grind" in page.content.decode()


def test_a_case_opened_before_goes_on_under_its_version() -> None:
    load_small_flow()
    row = approved("The pedals grind")
    learn(SMALL.id)
    assert Case.objects.get(pk=row.case_id).flow.version == 1
    assert make_case().flow.version == 2
