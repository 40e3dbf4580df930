"""A run goes on at its first unfinished step; who lost the lease writes nothing; cancelling is noticed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from triage import eventlog, orchestrator, runs
from triage.access import SYSTEM
from triage.models import Case, FlowVersion, RunStep, TriageRun
from triage.orchestrator.steps import STEPS
from triage.tests.loaded_flows import load_small_flow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def queued_case() -> Case:
    load_small_flow()
    case_id = orchestrator.open_case(
        actor=SYSTEM, flow_id="three-questions", language="en", text="A crash on the street"
    ).case_id
    return orchestrator.force_complete(actor=SYSTEM, case_id=case_id)


def taken() -> runs.Claim:
    claim = orchestrator.take(lane="interactive", owner="test")
    assert claim is not None
    return claim


def broken(*_: Any) -> Any:
    raise RuntimeError("the step broke")


def lapse(case: Case) -> None:
    TriageRun.objects.filter(case=case).update(lease_until=timezone.now() - timedelta(minutes=1))


def due_now(case: Case) -> None:
    TriageRun.objects.filter(case=case).update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def test_a_second_attempt_repeats_no_finished_step(monkeypatch: pytest.MonkeyPatch) -> None:
    case = queued_case()
    with monkeypatch.context() as patched:
        patched.setitem(STEPS, "compose", broken)
        orchestrator.analyse(claim=taken())
    assert list(RunStep.objects.values_list("name", flat=True)) == ["understand", "assess"]
    due_now(case)
    monkeypatch.setitem(STEPS, "understand", broken)
    monkeypatch.setitem(STEPS, "assess", broken)
    orchestrator.analyse(claim=taken())
    case.refresh_from_db()
    assert case.state == Case.State.COMPLETED


def test_an_attempt_that_fails_is_repeated_and_after_three_the_case_has_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = queued_case()
    monkeypatch.setitem(STEPS, "assess", broken)
    for _ in range(3):
        due_now(case)
        orchestrator.analyse(claim=taken())
    case.refresh_from_db()
    assert case.state == Case.State.FAILED
    failed = eventlog.all_of(case.pk)[-1]
    assert (failed.type, failed.data["attempts"], failed.data["retryable"]) == ("triage_failed", 3, True)
    assert "RuntimeError" not in str(failed.data)
    run = TriageRun.objects.get(case=case)
    assert run.error == "RuntimeError"
    assert "the step broke" in run.error_detail


def test_a_worker_that_lost_its_lease_writes_nothing() -> None:
    case = queued_case()
    slow = taken()
    lapse(case)
    orchestrator.rescue()
    quick = taken()
    orchestrator.analyse(claim=slow)
    case.refresh_from_db()
    assert case.state == Case.State.QUEUED
    assert not RunStep.objects.exists()
    orchestrator.analyse(claim=quick)
    case.refresh_from_db()
    assert case.state == Case.State.COMPLETED
    assert sum(event.type == "triage_completed" for event in eventlog.all_of(case.pk)) == 1


def test_what_a_person_says_after_a_retry_counts_in_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    case = queued_case()
    with monkeypatch.context() as patched:
        patched.setitem(STEPS, "assess", broken)
        for _ in range(3):
            due_now(case)
            orchestrator.analyse(claim=taken())
    orchestrator.retry(actor=SYSTEM, case_id=case.pk)
    orchestrator.answer(actor=SYSTEM, case_id=case.pk, text="And then I fainted")
    orchestrator.analyse(claim=taken())
    case.refresh_from_db()
    assert case.result is not None
    assert [flag["id"] for flag in case.result["red_flags"]] == ["injury"]
    assert (case.urgency, case.red_flags) == ("critical", ["injury"])


def test_a_cancelled_case_stays_cancelled_when_its_last_attempt_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    case = queued_case()
    TriageRun.objects.filter(case=case).update(step_failures=2)
    claim = taken()

    def cancel_and_break(*_: Any) -> Any:
        orchestrator.cancel(actor=SYSTEM, case_id=case.pk)
        raise RuntimeError

    monkeypatch.setitem(STEPS, "assess", cancel_and_break)
    orchestrator.analyse(claim=claim)
    case.refresh_from_db()
    assert case.state == Case.State.CANCELLED
    assert eventlog.all_of(case.pk)[-1].type == "triage_cancelled"


def test_a_cancelled_case_stays_cancelled_when_its_worker_dies() -> None:
    case = queued_case()
    TriageRun.objects.filter(case=case).update(crashes=2)
    taken()
    orchestrator.cancel(actor=SYSTEM, case_id=case.pk)
    lapse(case)
    orchestrator.rescue()
    case.refresh_from_db()
    assert case.state == Case.State.CANCELLED
    assert TriageRun.objects.get(case=case).state == TriageRun.State.CANCELLED


def test_a_case_whose_flow_cannot_be_read_stands_in_nobodys_way() -> None:
    spoiled, healthy = queued_case(), queued_case()
    old = FlowVersion.objects.create(flow="three-questions", version=99, digest="x", document={"of": "the future"})
    Case.objects.filter(pk=spoiled.pk).update(flow=old)
    for _ in range(4):
        due_now(spoiled)
        if claim := orchestrator.take(lane="interactive", owner="test"):
            orchestrator.analyse(claim=claim)
    spoiled.refresh_from_db()
    healthy.refresh_from_db()
    assert (spoiled.state, healthy.state) == (Case.State.FAILED, Case.State.COMPLETED)


def test_a_run_that_takes_its_worker_down_three_times_is_given_up() -> None:
    case = queued_case()
    for _ in range(3):
        taken()
        lapse(case)
        orchestrator.rescue()
    case.refresh_from_db()
    assert case.state == Case.State.FAILED
    assert TriageRun.objects.get(case=case).error == "worker_lost"


def test_cancelling_while_it_is_analysed_stops_it_at_the_next_step() -> None:
    case = queued_case()
    claim = taken()
    orchestrator.cancel(actor=SYSTEM, case_id=case.pk)
    orchestrator.analyse(claim=claim)
    case.refresh_from_db()
    assert case.state == Case.State.CANCELLED
    assert TriageRun.objects.get(case=case).state == TriageRun.State.CANCELLED
    assert eventlog.all_of(case.pk)[-1].type == "triage_cancelled"


def test_two_workers_never_take_the_same_run() -> None:
    queued_case()
    taken()
    assert orchestrator.take(lane="interactive", owner="other") is None


def test_the_most_urgent_is_taken_first_and_whoever_waited_long_enough_before_it() -> None:
    low, critical, aged = queued_case(), queued_case(), queued_case()
    TriageRun.objects.filter(case=aged).update(queued_at=timezone.now() - timedelta(hours=3))
    for case, priority in ((low, "low"), (critical, "critical"), (aged, "low")):
        orchestrator.set_priority(actor=SYSTEM, case_id=case.pk, priority=priority, reason="So it is")
    assert [taken().case_id for _ in range(3)] == [aged.pk, critical.pk, low.pk]


def test_work_that_nobody_was_told_of_is_announced_by_the_sweeper() -> None:
    case = queued_case()
    assert orchestrator.rescue()["announced"] == 0
    TriageRun.objects.filter(case=case).update(next_attempt_at=timezone.now() - timedelta(minutes=1))
    assert orchestrator.rescue()["announced"] == 1
