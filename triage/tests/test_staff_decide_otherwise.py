"""Staff override category, complexity and urgency: all see that, staff see why, later analyses keep to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from triage import eventlog, lanes, orchestrator
from triage.access import SYSTEM
from triage.errors import CaseNotFound, InvalidInput, NotAllowed, TransitionRefused, UnknownCategory
from triage.events import envelope
from triage.models import Alert, Case, Correction, TriageRun
from triage.projection import fold
from triage.tests.cast import CRASH, acting, alice, begun, bob, charlie, completed_case, make_case, run_to_the_end
from triage.tests.faulty_steps import queued_case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def decide(case: Case, field: str, value: str, reason: str = "I called her") -> Case:
    return orchestrator.override(actor=acting(bob()), case_id=case.pk, field=field, value=value, reason=reason)


def test_a_result_shows_what_was_decided_and_what_was_found() -> None:
    case = completed_case()
    found = dict(case.result or {})
    decide(case, "category", "wear")
    case.refresh_from_db()
    result = case.result or {}
    assert (case.category, result["category"]["id"], result["category"]["title"]) == ("wear", "wear", "Wear")
    assert result["next_steps"] == ["Bring the bicycle."]
    over = result["overridden"]["category"]
    assert (over["old"], over["new"]) == ("crash", "wear")
    assert over["found"]["category"] == found["category"]
    assert result["confidence"] == found["confidence"]


def test_what_a_person_decided_needs_no_review_for_that_any_more() -> None:
    case = completed_case(text="Something else altogether")
    found = case.result or {}
    assert found["review"]["reasons"] == ["low_confidence", "unknown_category"]
    decide(case, "complexity", "high")
    case.refresh_from_db()
    assert (case.result or {})["review"] == found["review"]
    decide(case, "category", "wear")
    case.refresh_from_db()
    assert (case.result or {})["review"] == {**found["review"], "needed": False, "reasons": []}
    assert (case.result or {})["overridden"]["category"]["found"]["review"] == found["review"]


def test_a_danger_stays_for_review_until_somebody_decides_how_urgent_it_is() -> None:
    case = completed_case()
    decide(case, "category", "wear")
    case.refresh_from_db()
    assert (case.result or {})["review"]["reasons"] == ["red_flag"]
    decide(case, "urgency", "low")
    case.refresh_from_db()
    assert not (case.result or {})["review"]["needed"]
    orchestrator.retry(actor=SYSTEM, case_id=case.pk)
    run_to_the_end(case)
    assert not (case.result or {})["review"]["needed"]


def test_everybody_learns_old_and_new_and_staff_alone_who_and_why() -> None:
    case = completed_case()
    decide(case, "complexity", "high", "  Two bicycles  ")
    event = next(event for event in eventlog.all_of(case.pk) if event.type == "case_overridden")
    for_staff, for_client = envelope(event, "staff"), envelope(event, "client")
    assert (for_client["field"], for_client["old"], for_client["new"]) == ("complexity", "low", "high")
    assert (for_staff["reason"], for_staff["by"]) == ("Two bicycles", "bob")
    views = [fold(eventlog.all_of(case.pk), audience) for audience in ("staff", "client")]
    assert views[0].overridden["complexity"]["reason"] == "Two bicycles"
    assert set(views[1].overridden["complexity"]) == {"old", "new", "at"}
    assert "Two bicycles" not in str(views[1].as_dict())
    assert "bob" not in str(views[1].as_dict())


def test_the_log_says_what_was_shown_before() -> None:
    case = completed_case()
    before = case.last_seq
    decide(case, "category", "wear")
    then, now = fold(eventlog.after(case.pk, 0, limit=before)), fold(eventlog.all_of(case.pk))
    assert then.category and now.category
    assert (then.category["id"], now.category["id"]) == ("crash", "wear")
    assert then.result and "overridden" not in then.result
    assert now.result and now.result["category"]["id"] == "wear"


def test_a_later_analysis_keeps_to_it_and_says_what_it_found_itself() -> None:
    case = completed_case()
    decide(case, "category", "wear")
    decide(case, "complexity", "high")
    orchestrator.retry(actor=SYSTEM, case_id=case.pk)
    run_to_the_end(case)
    assert (case.category, case.complexity) == ("wear", "high")
    result = case.result or {}
    assert (result["category"]["id"], result["complexity"]["level"]) == ("wear", "high")
    assert result["complexity"]["title"] == "Complex"
    assert {name: one["old"] for name, one in result["overridden"].items()} == {
        "category": "crash",
        "complexity": "low",
    }
    view = fold(eventlog.all_of(case.pk))
    assert view.category and view.complexity
    assert (view.category["id"], view.complexity["level"]) == ("wear", "high")


def test_later_words_of_the_client_do_not_undo_it() -> None:
    case = make_case(text="My brakes squeak")
    decide(case, "category", "other")
    decide(case, "complexity", "medium")
    outcome = orchestrator.answer(actor=acting(alice()), case_id=case.pk, text="yesterday")
    assert outcome.complexity_hint == "medium"
    case.refresh_from_db()
    assert (case.category, case.complexity, case.state) == ("other", "medium", "interviewing")


def test_what_is_decided_while_it_is_analysed_is_in_the_result() -> None:
    case = queued_case(CRASH)
    claim = begun(case)
    decide(case, "category", "wear")
    orchestrator.analyse(claim=claim)
    case.refresh_from_db()
    assert (case.state, case.category, (case.result or {})["category"]["id"]) == ("completed", "wear", "wear")


def test_deciding_what_the_analysis_found_ends_it() -> None:
    case = completed_case()
    found = case.result
    decide(case, "category", "wear")
    decide(case, "urgency", "low")
    decide(case, "category", "crash", "I was wrong")
    decide(case, "urgency", "critical", "I was wrong")
    case.refresh_from_db()
    assert (case.result, case.overrides) == (found, {})
    view = fold(eventlog.all_of(case.pk))
    assert view.overridden == {}
    assert view.category == (found or {})["category"]
    assert view.urgency == (found or {})["urgency"]
    assert {row.status for row in Correction.objects.filter(case=case)} == {"withdrawn"}


def test_deciding_twice_is_once() -> None:
    case = completed_case()
    once = decide(case, "category", "wear").last_seq
    assert decide(case, "category", "wear", "Again").last_seq == once
    assert decide(case, "urgency", "critical", "It is so already").last_seq == once
    assert Correction.objects.count() == 1


def test_an_urgency_moves_a_waiting_case_like_a_priority() -> None:
    first, case = queued_case(), queued_case()
    decide(case, "urgency", "critical")
    assert list(lanes.in_turn("interactive").values_list("case_id", flat=True)) == [case.pk, first.pk]
    assert TriageRun.objects.get(case=case).priority == "critical"
    told = eventlog.all_of(case.pk)[-1]
    assert (told.type, told.data["position"], told.data["priority"]) == ("triage_queued", 1, "critical")


def test_a_danger_that_nobody_knew_of_ends_a_lower_urgency() -> None:
    case = make_case(text="My brakes squeak")
    decide(case, "urgency", "low", "Nothing presses")
    orchestrator.answer(actor=acting(alice()), case_id=case.pk, text="And I fainted")
    case.refresh_from_db()
    assert (case.urgency, case.overrides) == ("critical", {})
    assert Alert.objects.filter(case=case).exists()
    view = fold(eventlog.all_of(case.pk), "staff")
    assert view.urgency and view.urgency["level"] == "critical"
    assert view.overridden == {}
    ended = [event.data for event in eventlog.all_of(case.pk) if event.type == "case_overridden"][-1]
    assert (ended["old"], ended["new"], ended["by"]) == ("low", "critical", "system")


def test_a_danger_that_was_known_does_not() -> None:
    case = make_case(text=CRASH)
    decide(case, "urgency", "normal", "She is with a doctor")
    orchestrator.answer(actor=acting(alice()), case_id=case.pk, text="yesterday")
    case.refresh_from_db()
    assert case.urgency == "normal"


@pytest.mark.parametrize("state", Case.State.values)
def test_it_may_be_decided_in_every_state(state: str) -> None:
    case = make_case()
    Case.objects.filter(pk=case.pk).update(state=state)
    decide(case, "category", "wear")
    case.refresh_from_db()
    assert (case.category, case.state) == ("wear", state)


def test_who_may_not_and_what_makes_no_sense_is_refused() -> None:
    case = completed_case()
    for user in (alice(), charlie()):
        with pytest.raises(NotAllowed):
            orchestrator.override(actor=acting(user), case_id=case.pk, field="category", value="wear", reason="x")
    refused: list[tuple[str, str, str, type[InvalidInput]]] = [
        ("category", "nothing", "x", UnknownCategory),
        ("urgency", "highest", "x", InvalidInput),
    ]
    refused += [("complexity", "critical", "x", InvalidInput), ("state", "failed", "x", InvalidInput)]
    refused += [("category", "wear", " ", InvalidInput), ("category", "wear", "x" * 301, InvalidInput)]
    for field, value, reason, error in refused:
        with pytest.raises(error):
            decide(case, field, value, reason)
    with pytest.raises(CaseNotFound):
        orchestrator.override(actor=SYSTEM, case_id="case_unknown", field="category", value="wear", reason="x")
    with pytest.raises(TransitionRefused):
        decide(make_case(text=""), "category", "wear")
    assert not Correction.objects.exists()


def test_staff_who_decide_at_the_same_time_leave_one_standing_correction() -> None:
    case, staff = completed_case(), acting(bob())

    def one(value: str) -> None:
        try:
            orchestrator.override(actor=staff, case_id=case.pk, field="category", value=value, reason=value)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(one, ["wear", "other"] * 4))
    case.refresh_from_db()
    standing = Correction.objects.filter(case=case).exclude(status="withdrawn").get()
    assert standing.new == case.category == (case.result or {})["category"]["id"] == case.overrides["category"]["new"]
    assert fold(eventlog.all_of(case.pk)).category == (case.result or {})["category"]
