"""A worker that is asked to stop, or whose time for a run is up, gives the run back; nothing waits for a lease."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from django.conf import settings

from triage import orchestrator
from triage.models import Case, FailedAttempt, TriageRun
from triage.tasks import LONGEST
from triage.tests.faulty_steps import queued_case
from triage.tests.worker_process import worker_process
from triage_project.tests.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]


@pytest.fixture
def hold(tmp_path: Path) -> Path:
    (tmp_path / "hold").touch()
    return tmp_path / "hold"


def held(hold: Path) -> dict[str, str]:
    return {"TRIAGE_ANALYZER": "triage.tests.held_analyzer.HeldAnalyzer", "HOLD_FILE": str(hold)}


def test_what_a_stopping_worker_cannot_finish_is_queued_at_once(hold: Path) -> None:
    case = queued_case()
    with worker_process(**held(hold), WORKER_SOFT_SHUTDOWN="1") as worker:
        wait_until(hold.with_suffix(".held").exists, timeout=30)
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=30)
    run = TriageRun.objects.get()
    assert (run.state, run.lease_until, run.crashes, run.step_failures) == (TriageRun.State.QUEUED, None, 0, 0)
    assert not FailedAttempt.objects.exists()
    hold.unlink()
    with worker_process(**held(hold)):
        wait_until(lambda: Case.objects.get(pk=case.pk).state == Case.State.COMPLETED, timeout=30)


def test_a_stopping_worker_finishes_what_it_can_and_takes_nothing_new(hold: Path) -> None:
    first = queued_case()
    with worker_process(**held(hold), WORKER_SOFT_SHUTDOWN="3", WORKER_CONCURRENCY="1") as worker:
        wait_until(hold.with_suffix(".held").exists, timeout=30)
        second = queued_case()
        worker.send_signal(signal.SIGTERM)
        hold.unlink()
        worker.wait(timeout=30)
    assert Case.objects.get(pk=first.pk).state == Case.State.COMPLETED
    waiting = TriageRun.objects.get(case=second)
    assert (waiting.state, waiting.attempts) == (TriageRun.State.QUEUED, 0)


def test_the_limits_are_in_order() -> None:
    visible = float(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]))
    limits = [LONGEST, settings.CELERY_TASK_SOFT_TIME_LIMIT, settings.CELERY_TASK_TIME_LIMIT, visible]
    assert limits == sorted(set(limits))


def test_a_run_that_takes_too_long_is_given_back_as_a_failed_attempt(hold: Path) -> None:
    case = queued_case()
    with worker_process(**held(hold), RUN_SECONDS="2"):
        kept = wait_until(FailedAttempt.objects.first, timeout=30)
        assert kept is not None
        assert (kept.error, kept.step) == ("SoftTimeLimitExceeded", "understand")
        assert TriageRun.objects.get().crashes == 0
        hold.unlink()

        def is_completed() -> bool:
            orchestrator.rescue()
            return Case.objects.get(pk=case.pk).state == Case.State.COMPLETED

        wait_until(is_completed, timeout=30, interval=0.2)
