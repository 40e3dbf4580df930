"""What may pass by itself is tried again after a random pause, as long as the flow allows; what cannot is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError, OperationalError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from conversations.errors import MemoryUnavailable
from triage import eventlog, orchestrator, retries, runs
from triage.errors import FlowInvalid
from triage.flows.checks import parse_flow
from triage.flows.loader import load_flow
from triage.flows.schema import Analysis
from triage.models import Case, FailedAttempt, RunStep, TriageRun
from triage.tests.faulty_steps import failing, queued_case, taken, tried
from triage.tests.small_flow import flow_data, flow_with

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

PASSING = [OperationalError(), TimeoutError(), ConnectionResetError(), MemoryUnavailable(), RuntimeError()]
LASTING = [FlowInvalid(["x: is missing"]), DataError(), TypeError(), KeyError(), AttributeError()]


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_what_may_pass_is_tried_again(error: Exception) -> None:
    case = queued_case()
    with failing("assess", error):
        run = tried(case)
    assert (run.state, run.last_step, run.error) == (TriageRun.State.QUEUED, "assess", type(error).__name__)
    assert tried(case).state == TriageRun.State.COMPLETED


@pytest.mark.parametrize("error", LASTING, ids=lambda error: type(error).__name__)
def test_what_cannot_pass_fails_at_once(error: Exception) -> None:
    case = queued_case()
    with failing("assess", error):
        run = tried(case)
    assert (run.state, run.attempts, case.state) == (TriageRun.State.FAILED, 1, Case.State.FAILED)
    failed = eventlog.all_of(case.pk)[-1]
    assert (failed.type, failed.data["retryable"]) == ("triage_failed", False)


def test_pauses_grow_are_random_and_have_an_end() -> None:
    longest = [max(retries.pause(failures) for _ in range(300)) for failures in (1, 2, 3)]
    assert timedelta(seconds=2) < longest[0] <= timedelta(seconds=4) < longest[1] <= timedelta(seconds=8) < longest[2]
    assert min(retries.pause(3) for _ in range(300)) < timedelta(seconds=2)
    assert max(retries.pause(1000) for _ in range(300)) <= retries.LONGEST_PAUSE


def test_a_pause_is_kept_in_the_row_and_nobody_claims_the_run_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "pause", lambda _failures: timedelta(minutes=2))
    case = queued_case()
    with failing("assess", TimeoutError()):
        run = tried(case)
    assert timedelta(seconds=100) < run.next_attempt_at - timezone.now() <= timedelta(minutes=2)
    assert orchestrator.take(lane="interactive", owner="test") is None


def test_a_step_that_succeeds_leaves_the_next_one_all_its_tries() -> None:
    case = queued_case()
    with failing("understand", TimeoutError()):
        tried(case, 2)
    with failing("assess", TimeoutError()):
        assert tried(case, 2).state == TriageRun.State.QUEUED
    run = tried(case)
    assert (run.state, run.attempts) == (TriageRun.State.COMPLETED, 5)


def test_a_flow_says_how_often_and_how_long_it_is_tried() -> None:
    def tried_twice(data: dict[str, Any]) -> None:
        data["analysis"] = {"attempts": 2, "minutes": 5}

    case = queued_case()
    Case.objects.update(flow=load_flow(flow_with(tried_twice))[0])
    with failing("assess", TimeoutError()):
        assert tried(case, 2).state == TriageRun.State.FAILED

    late = queued_case()
    Case.objects.update(flow=load_flow(flow_with(tried_twice))[0])
    claim = taken()
    TriageRun.objects.filter(case=late).update(tried_since=Now() - timedelta(minutes=6))
    with failing("assess", TimeoutError()):
        orchestrator.analyse(claim=claim)
    assert TriageRun.objects.get(case=late).state == TriageRun.State.FAILED


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"minutes": 0}, {"tries": 3}, {"attempts": "often"}])
def test_a_flow_with_a_wrong_policy_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(FlowInvalid, match="analysis"):
        parse_flow({**flow_data(), "analysis": wrong})


def test_a_flow_without_a_policy_has_the_usual_one_and_stays_the_version_it_was() -> None:
    assert parse_flow(flow_data()).analysis == Analysis(attempts=3, minutes=30)
    first, _ = load_flow(parse_flow(flow_data()))
    again, is_new = load_flow(parse_flow({**flow_data(), "analysis": {"attempts": 3}}))
    assert (again.pk, is_new) == (first.pk, False)


def test_every_failed_attempt_is_kept_with_its_place_and_without_words() -> None:
    case = queued_case()
    with failing("assess", TimeoutError("My roof leaks")):
        tried(case, 3)
    kept = list(FailedAttempt.objects.values_list("attempt", "step", "error", "worker"))
    assert kept == [(number, "assess", "TimeoutError", "test") for number in (1, 2, 3)]
    detail = FailedAttempt.objects.latest("pk").detail
    assert "faulty_steps.py" in detail
    assert "roof" not in detail + TriageRun.objects.get(case=case).error_detail


def test_a_run_that_takes_its_worker_down_three_times_is_a_dead_letter() -> None:
    case = queued_case()
    for _ in range(3):
        taken()
        TriageRun.objects.update(lease_until=Now() - timedelta(minutes=1))
        orchestrator.rescue()
    case.refresh_from_db()
    run = TriageRun.objects.get(case=case)
    assert (case.state, run.state, run.crashes) == (Case.State.FAILED, TriageRun.State.FAILED, 3)
    assert (run.error, run.last_step) == ("worker_lost", "understand")
    assert FailedAttempt.objects.filter(error="worker_lost").count() == 3


def test_workers_lost_at_different_steps_do_not_add_up() -> None:
    case = queued_case()
    claim = taken()
    for step in ("understand", "assess", "compose"):
        TriageRun.objects.update(lease_until=Now() - timedelta(minutes=1))
        orchestrator.rescue()
        claim = taken()
        with transaction.atomic():
            runs.finish_step(claim, runs.Finished(step, {}, 1))
    TriageRun.objects.update(lease_until=Now() - timedelta(minutes=1))
    orchestrator.rescue()
    assert TriageRun.objects.get(case=case).state == TriageRun.State.QUEUED
    assert RunStep.objects.count() == 3
