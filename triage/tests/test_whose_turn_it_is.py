"""The order of a lane: urgency, a near deadline, and waiting, which counts for everybody; and what staff decide."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from triage import eventlog, lanes, orchestrator
from triage.access import SYSTEM
from triage.errors import CaseNotFound, InvalidInput, NotAllowed, TransitionRefused
from triage.events import envelope
from triage.models import Case, Priority, TriageRun
from triage.projection import fold
from triage.tests.cast import CRASH, acting, alice, bob, charlie, make_case, run_to_the_end
from triage.tests.faulty_steps import queued_case, taken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

NOON = timezone.make_aware(datetime(2026, 3, 10, 12))
LATEST = max(lanes.HEAD_START.values())


def prioritise(case: Case, priority: str, reason: str = "So it is") -> Case:
    return orchestrator.set_priority(actor=acting(bob()), case_id=case.pk, priority=priority, reason=reason)


def order() -> list[str]:
    return list(lanes.in_turn("interactive").values_list("case_id", flat=True))


def test_the_more_urgent_comes_first_and_of_equals_who_came_first() -> None:
    normal, urgent, later = queued_case(), queued_case(CRASH), queued_case()
    assert order() == [urgent.pk, normal.pk, later.pk]


@given(
    priority=st.sampled_from(Priority.values),
    ahead=st.sampled_from(Priority.values),
    days=st.none() | st.integers(-9, 9),
)
def test_nothing_starves(priority: str, ahead: str, days: int | None) -> None:
    """Whatever comes once somebody has waited for the longest head start is served behind them."""
    deadline = None if days is None else timezone.localdate(NOON) + timedelta(days=days)
    late = NOON + LATEST + timedelta(seconds=1)
    assert lanes.turn_of(priority, NOON, None) < lanes.turn_of(ahead, late, deadline)


def test_a_low_one_is_served_in_time_under_constant_critical_load() -> None:
    low = prioritise(queued_case(), "low")
    TriageRun.objects.filter(case=low).update(turn_at=timezone.now() - timedelta(seconds=1))  # it has waited since
    for _ in range(3):
        queued_case(CRASH)
    assert taken().case_id == low.pk


def test_a_near_deadline_moves_a_run_forward() -> None:
    today = timezone.localdate(NOON)
    turns = [lanes.turn_of("low", NOON, deadline) for deadline in (today, today + timedelta(days=1), None)]
    assert turns[:2] == [NOON, NOON]
    assert turns[2] == NOON + lanes.HEAD_START[Priority.LOW]
    evening = timezone.make_aware(datetime.combine(today, time(23, 30)))
    assert lanes.turn_of("low", evening, today + timedelta(days=3)) == evening + timedelta(minutes=30)


def test_a_deadline_that_is_far_or_over_moves_nothing() -> None:
    usual = lanes.turn_of("low", NOON, None)
    for deadline in (date(2026, 3, 9), date(2026, 4, 10), "2026-04-10"):
        assert lanes.turn_of("low", NOON, deadline) == usual


def test_words_that_raise_the_urgency_of_a_waiting_case_move_it_forward() -> None:
    first, case = queued_case(), queued_case()
    orchestrator.answer(actor=acting(alice()), case_id=case.pk, text="And I fainted")
    assert order() == [case.pk, first.pk]
    told = eventlog.all_of(case.pk)[-1]
    assert (told.type, told.data["priority"], told.data["position"]) == ("triage_queued", "critical", 1)
    assert TriageRun.objects.get(case=case).priority == "critical"


def test_the_position_counts_what_is_claimed_before() -> None:
    urgent, first = queued_case(CRASH), queued_case()
    pausing = TriageRun.objects.filter(case=queued_case())
    pausing.update(next_attempt_at=timezone.now() + timedelta(minutes=5))
    low = prioritise(queued_case(), "low")
    case = queued_case()
    position = eventlog.all_of(case.pk)[-1].data["position"]
    assert order()[: position - 1] == [urgent.pk, first.pk]
    assert order() == [urgent.pk, first.pk, case.pk, low.pk]


def test_staff_move_a_case_and_say_why() -> None:
    first, case = queued_case(), queued_case()
    prioritise(case, "critical", "  She called  ")
    assert order() == [case.pk, first.pk]
    changed, told = eventlog.all_of(case.pk)[-2:]
    assert changed.data == {
        "field": "priority",
        "old": "normal",
        "new": "critical",
        "reason": "She called",
        "by": "bob",
    }
    assert (told.type, told.data["position"]) == ("triage_queued", 1)
    assert {"reason", "by"} & set(envelope(changed, "client")) == set()
    assert envelope(changed, "staff")["by"] == "bob"
    view = fold(eventlog.all_of(case.pk))
    assert (view.priority, view.status, view.queue and view.queue["priority"]) == ("critical", "queued", "critical")


def test_what_staff_decided_goes_before_urgency_and_deadline_and_holds_for_later_runs() -> None:
    case = make_case(text=CRASH)
    prioritise(case, "low")
    Case.objects.filter(pk=case.pk).update(deadline=timezone.localdate())
    orchestrator.force_complete(actor=SYSTEM, case_id=case.pk)
    other = queued_case()
    assert order() == [other.pk, case.pk]
    assert TriageRun.objects.get(case=case).priority == "low"


def test_the_same_priority_again_is_no_event() -> None:
    case = prioritise(queued_case(), "high")
    assert prioritise(case, "high", "Again").last_seq == case.last_seq


def test_who_may_not_and_what_makes_no_sense_is_refused() -> None:
    case = queued_case()
    for user, error in ((alice(), NotAllowed), (charlie(), NotAllowed)):
        with pytest.raises(error):
            orchestrator.set_priority(actor=acting(user), case_id=case.pk, priority="high", reason="Please")
    for priority, reason in (("highest", "x"), ("high", " "), ("high", "x" * 301)):
        with pytest.raises(InvalidInput):
            prioritise(case, priority, reason)
    with pytest.raises(CaseNotFound):
        orchestrator.set_priority(actor=SYSTEM, case_id="case_unknown", priority="high", reason="x")
    run_to_the_end(case)
    with pytest.raises(TransitionRefused):
        prioritise(case, "high")


def silent(minutes: int = 2) -> None:
    TriageRun.objects.update(told_at=timezone.now() - timedelta(minutes=minutes))


def positions(case: Case) -> list[int]:
    return [event.data["position"] for event in eventlog.all_of(case.pk) if event.type == "triage_queued"]


def test_people_are_told_again_when_their_position_moved_a_lot_and_not_before() -> None:
    ahead = [queued_case(CRASH) for _ in range(4)]
    case = queued_case()
    assert positions(case) == [5]
    silent()
    for gone in ahead[:2]:
        orchestrator.cancel(actor=SYSTEM, case_id=gone.pk)
    orchestrator.tell_places()
    assert positions(case) == [5]  # third of five is not a lot
    orchestrator.cancel(actor=SYSTEM, case_id=ahead[2].pk)
    orchestrator.tell_places()
    assert positions(case) == [5, 2]
    assert fold(eventlog.all_of(case.pk)).queue == {"priority": "normal", "queue": "interactive", "position": 2}


def test_people_are_told_at_most_once_a_minute_whoever_sweeps() -> None:
    ahead = [queued_case(CRASH) for _ in range(3)]
    case = queued_case()
    for gone in ahead:
        orchestrator.cancel(actor=SYSTEM, case_id=gone.pk)
    assert orchestrator.tell_places() == 0
    silent()
    assert [orchestrator.tell_places(), orchestrator.tell_places()] == [1, 0]
    assert positions(case) == [4, 1]
