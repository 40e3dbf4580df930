"""For every verb: the view before, with the events of the verb applied, is the view after; and rows agree with it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta

import pytest

from conversations.models import Message
from triage import eventlog, orchestrator
from triage.access import SYSTEM
from triage.models import Case, TriageRun
from triage.projection import CaseView, fold
from triage.tests.loaded_flows import load_small_flow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def opened(text: str = "") -> Case:
    load_small_flow()
    outcome = orchestrator.open_case(actor=SYSTEM, flow_id="three-questions", language="en", text=text)
    return Case.objects.get(pk=outcome.case_id)


def say(case: Case, text: str, question: str | None = None) -> None:
    orchestrator.answer(actor=SYSTEM, case_id=case.pk, text=text, question=question)


def queued() -> Case:
    case = opened("My roof leaks")
    orchestrator.force_complete(actor=SYSTEM, case_id=case.pk)
    return case


def claimed() -> tuple[Case, object]:
    case = queued()
    claim = orchestrator.take(lane="interactive", owner="test")
    assert claim is not None
    return case, claim


def completed() -> Case:
    case, claim = claimed()
    orchestrator.analyse(claim=claim)  # type: ignore[arg-type]
    return case


def assert_rows_agree(case: Case, view: CaseView) -> None:
    case.refresh_from_db()
    assert view.last_seq == case.last_seq
    assert view.status == case.state
    assert (view.category or {"id": ""})["id"] == case.category
    assert (view.complexity or {"level": ""})["level"] == case.complexity
    assert view.confidence == case.confidence
    assert view.priority == case.priority
    assert view.result == case.result
    if view.status == "interviewing":
        assert (view.question or {"id": ""})["id"] == case.question
    said = list(Message.objects.filter(conversation=case.conversation_id).values_list("id", "role", "text"))
    assert [(m["message_id"], m["role"], m["text"]) for m in view.messages] == said
    seqs = [event.seq for event in eventlog.all_of(case.pk)]
    assert seqs == list(range(1, len(seqs) + 1))


def replay(case: Case, verb: Callable[[], object]) -> CaseView:
    before = fold(eventlog.all_of(case.pk))
    verb()
    after = fold(eventlog.all_of(case.pk))
    again = fold(eventlog.after(case.pk, before.last_seq), view=copy.deepcopy(before))
    assert again == after
    assert after.last_seq > before.last_seq
    assert_rows_agree(case, after)
    return after


def test_opening_without_words() -> None:
    case = opened()
    view = fold(eventlog.all_of(case.pk))
    assert view.status == "interviewing"
    assert_rows_agree(case, view)


def test_opening_with_words() -> None:
    case = opened("My roof leaks since yesterday")
    assert_rows_agree(case, fold(eventlog.all_of(case.pk)))


def test_answering() -> None:
    case = opened("My roof leaks")
    view = replay(case, lambda: say(case, "yesterday"))
    assert view.messages[-2]["text"] == "yesterday"


def test_answering_to_the_end() -> None:
    case = opened("My roof leaks")
    for _ in range(10):
        case.refresh_from_db()
        if case.state != Case.State.INTERVIEWING:
            break
        replay(case, lambda: say(case, "skip"))
    assert case.state == Case.State.QUEUED


def test_adding_words_while_queued() -> None:
    case = queued()
    view = replay(case, lambda: say(case, "And the cellar is wet"))
    assert view.status == "queued"


def test_correcting_an_answer() -> None:
    case = opened("My roof leaks")
    question = case.question
    say(case, "skip")
    replay(case, lambda: say(case, "yesterday", question=question))


def test_correcting_what_the_opening_told() -> None:
    case = opened("My roof leaks since 3 March 2026")
    view = replay(case, lambda: say(case, "4 March 2026", question="when_happened"))
    assert [entry["value"] for entry in view.understood if entry["slot"] == "happened_on"] == ["2026-03-04"]


def test_forcing_the_end() -> None:
    case = opened("My roof leaks")
    assert replay(case, lambda: orchestrator.force_complete(actor=SYSTEM, case_id=case.pk)).status == "queued"


def test_cancelling() -> None:
    case = opened("My roof leaks")
    assert replay(case, lambda: orchestrator.cancel(actor=SYSTEM, case_id=case.pk)).status == "cancelled"


def test_analysing() -> None:
    case, claim = claimed()
    view = replay(case, lambda: orchestrator.analyse(claim=claim))  # type: ignore[arg-type]
    assert view.status == "completed"
    assert view.result is not None


def test_correcting_a_completed_case_queues_it_again() -> None:
    case = opened("My roof leaks")
    question = case.question
    say(case, "skip")
    orchestrator.force_complete(actor=SYSTEM, case_id=case.pk)
    claim = orchestrator.take(lane="interactive", owner="test")
    assert claim is not None
    orchestrator.analyse(claim=claim)
    view = replay(case, lambda: say(case, "yesterday", question=question))
    assert view.status == "queued"


def test_analysing_a_completed_case_again() -> None:
    case = completed()
    assert replay(case, lambda: orchestrator.retry(actor=SYSTEM, case_id=case.pk)).status == "queued"


def test_changing_the_priority() -> None:
    def decide() -> None:
        orchestrator.set_priority(actor=SYSTEM, case_id=case.pk, priority="high", reason="So it is")

    case = opened("My roof leaks")
    assert replay(case, decide).status == "interviewing"
    case = queued()
    assert replay(case, decide).priority == "high"


def test_deciding_otherwise_and_taking_it_back() -> None:
    def decide(field: str, value: str) -> None:
        orchestrator.override(actor=SYSTEM, case_id=case.pk, field=field, value=value, reason="So it is")

    for case in (opened("My roof leaks"), queued(), completed()):
        found = {"category": case.category, "complexity": case.complexity, "urgency": case.urgency}
        for field, value in (("category", "wear"), ("complexity", "high"), ("urgency", "low")):
            view = replay(case, lambda field=field, value=value: decide(field, value))  # type: ignore[misc]
            assert view.overridden[field]["new"] == value
        for field, value in found.items():
            view = replay(case, lambda field=field, value=value: decide(field, value))  # type: ignore[misc]
            assert field not in view.overridden


def test_failing_and_trying_again() -> None:
    case, _claim = claimed()
    TriageRun.objects.filter(case=case).update(crashes=2, lease_until="2020-01-01T00:00:00Z")
    assert replay(case, orchestrator.rescue).status == "failed"
    assert replay(case, lambda: orchestrator.retry(actor=SYSTEM, case_id=case.pk)).status == "queued"


def test_expiring_and_coming_back() -> None:
    case = opened("My roof leaks")
    idle = timedelta(seconds=-1)
    assert replay(case, lambda: orchestrator.expire_idle(idle_for=idle)).status == "expired"
    assert replay(case, lambda: say(case, "I am back")).status == "interviewing"


def test_cleaning_up_cancels_what_is_unfinished() -> None:
    case = opened("My roof leaks")
    assert replay(case, lambda: orchestrator.clean_up(actor=SYSTEM, case_id=case.pk)).status == "cancelled"
