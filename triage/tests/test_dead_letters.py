"""Runs that failed for good are kept with where and why, and wait until somebody retries or discards them."""

from __future__ import annotations

import pytest
from django.db.models import Q

from triage import eventlog, orchestrator
from triage.access import SYSTEM
from triage.errors import InvalidInput, NotAllowed, RunNotFound, TransitionRefused
from triage.models import Case, RunStep, TriageRun
from triage.orchestrator import retrying
from triage.tests.cast import acting, alice, bob, charlie, make_case
from triage.tests.faulty_steps import failed_case, failing, queued_case, taken, tried

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def run_of(case: Case) -> TriageRun:
    return TriageRun.objects.filter(case=case).latest("created_at")


def test_a_dead_letter_says_where_why_and_how_often() -> None:
    case = queued_case()
    with failing("compose", TimeoutError("a person's words")):
        tried(case, 3)
    run = orchestrator.dead_letters(error="TimeoutError", last_step="compose", lane="interactive").get()
    assert (run.attempts, run.error, run.last_step) == (3, "TimeoutError", "compose")
    assert "faulty_steps.py" in run.error_detail
    assert "person" not in run.error_detail
    assert not orchestrator.dead_letters(error="KeyError").exists()


def test_a_retry_goes_on_at_the_step_that_failed() -> None:
    case = failed_case("compose")
    orchestrator.retry_run(actor=acting(bob()), run_id=run_of(case).pk)
    with failing("understand", TypeError()), failing("assess", TypeError()):
        assert tried(case).state == TriageRun.State.COMPLETED
    assert TriageRun.objects.count() == 1


def test_a_retried_run_stays_in_its_lane() -> None:
    case = failed_case()
    TriageRun.objects.update(lane="batch")
    orchestrator.retry_run(actor=SYSTEM, run_id=run_of(case).pk)
    assert run_of(case).lane == "batch"
    assert eventlog.all_of(case.pk)[-1].data["queue"] == "batch"


def test_a_retried_run_has_all_its_tries_again() -> None:
    case = queued_case()
    with failing("assess", TimeoutError()):
        tried(case, 3)
        orchestrator.retry_run(actor=SYSTEM, run_id=run_of(case).pk)
        assert tried(case, 2).state == TriageRun.State.QUEUED
    assert run_of(case).failed_attempts.count() == 5


def test_words_that_came_since_count_in_what_is_analysed() -> None:
    case = make_case(text="A crash on the street")
    question = case.question
    orchestrator.answer(actor=acting(alice()), case_id=case.pk, text="skip")
    orchestrator.force_complete(actor=SYSTEM, case_id=case.pk)
    with failing("compose", TypeError()):
        failed = tried(case)
    orchestrator.answer(actor=acting(alice()), case_id=case.pk, text="yesterday, and I fainted", question=question)
    assert run_of(case).pk != failed.pk
    failed.refresh_from_db()
    assert (failed.state, failed.discard_reason) == (TriageRun.State.DISCARDED, "superseded")
    assert not orchestrator.dead_letters().exists()
    tried(case)
    assert case.result is not None
    assert [flag["id"] for flag in case.result["red_flags"]] == ["injury"]


def test_words_said_after_the_retry_drop_what_the_run_had_found() -> None:
    case = failed_case("compose")
    orchestrator.retry_run(actor=SYSTEM, run_id=run_of(case).pk)
    orchestrator.answer(actor=acting(alice()), case_id=case.pk, text="And then I fainted")
    assert not RunStep.objects.exists()
    tried(case)
    assert case.urgency == "critical"


def test_words_said_between_a_claim_and_its_work_drop_what_the_run_had_found() -> None:
    case = failed_case("compose")
    orchestrator.retry_run(actor=SYSTEM, run_id=run_of(case).pk)
    claim = taken()
    orchestrator.answer(actor=acting(alice()), case_id=case.pk, text="And then I fainted")
    assert not RunStep.objects.exists()
    orchestrator.analyse(claim=claim)
    case.refresh_from_db()
    assert (case.state, case.urgency) == (Case.State.COMPLETED, "critical")


def test_many_are_retried_and_who_refuses_keeps_nobody_waiting() -> None:
    first, second = failed_case(), failed_case()
    waiting = queued_case()
    ids = [run_of(first).pk, run_of(waiting).pk, "run_unknown", run_of(second).pk]
    outcome = orchestrator.retry_runs(actor=acting(bob()), ids=ids)
    assert outcome.runs == [ids[0], ids[3]]
    assert {key: error.code for key, error in outcome.refused.items()} == {
        ids[1]: "transition_refused",
        ids[2]: "run_not_found",
    }


def test_all_that_match_are_retried_and_no_others() -> None:
    mine, other = failed_case("assess"), failed_case("compose")
    assert orchestrator.retry_matching(actor=SYSTEM, last_step="assess").runs == [run_of(mine).pk]
    assert run_of(other).state == TriageRun.State.FAILED
    with pytest.raises(NotAllowed):
        orchestrator.retry_matching(actor=acting(alice()))


def test_of_very_many_the_oldest_are_retried_first(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [run_of(failed_case()).pk for _ in range(3)]
    monkeypatch.setattr(retrying, "MOST_AT_ONCE", 2)
    assert orchestrator.retry_matching(actor=SYSTEM).runs == runs[:2]
    assert orchestrator.retry_matching(actor=SYSTEM).runs == runs[2:]


def test_a_discarded_run_keeps_reason_and_name_and_its_case_stays_failed() -> None:
    case = failed_case()
    for reason in ("A duplicate", "Another reason, too late"):
        orchestrator.discard_run(actor=acting(bob()), run_id=run_of(case).pk, reason=reason)
    run = run_of(case)
    assert (run.state, run.discard_reason, run.discarded_by) == (TriageRun.State.DISCARDED, "A duplicate", bob())
    case.refresh_from_db()
    assert case.state == Case.State.FAILED
    with pytest.raises(TransitionRefused):
        orchestrator.retry_run(actor=acting(bob()), run_id=run.pk)


def test_a_case_whose_run_was_discarded_can_still_be_analysed_from_the_start() -> None:
    case = failed_case("compose")
    orchestrator.discard_run(actor=acting(bob()), run_id=run_of(case).pk, reason="Nobody answers")
    orchestrator.retry(actor=acting(alice()), case_id=case.pk)
    assert tried(case).state == TriageRun.State.COMPLETED
    assert TriageRun.objects.count() == 2


def test_cancelling_a_failed_case_leaves_no_dead_letter() -> None:
    case = failed_case()
    orchestrator.cancel(actor=acting(alice()), case_id=case.pk)
    assert not orchestrator.dead_letters().exists()
    with pytest.raises(TransitionRefused):
        orchestrator.retry_run(actor=acting(bob()), run_id=run_of(case).pk)


def test_only_staff_discard_and_strangers_find_no_run() -> None:
    run_id = run_of(failed_case()).pk
    with pytest.raises(NotAllowed):
        orchestrator.discard_run(actor=acting(alice()), run_id=run_id, reason="Mine")
    with pytest.raises(RunNotFound):
        orchestrator.retry_run(actor=acting(charlie()), run_id=run_id)
    with pytest.raises(RunNotFound):
        orchestrator.retry_run(actor=acting(bob()), run_id="run_unknown")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_a_discard_wants_a_reason(reason: str) -> None:
    run_id = run_of(failed_case()).pk
    with pytest.raises(InvalidInput):
        orchestrator.discard_run(actor=acting(bob()), run_id=run_id, reason=reason)


def test_a_run_that_waits_or_works_cannot_be_discarded() -> None:
    case = queued_case()
    for _ in range(2):
        with pytest.raises(TransitionRefused):
            orchestrator.discard_run(actor=acting(bob()), run_id=run_of(case).pk, reason="No")
        if run_of(case).state == TriageRun.State.QUEUED:
            taken()
    assert TriageRun.objects.filter(~Q(discard_reason="")).count() == 0
