"""Workers that want the same run, and workers whose clocks disagree: each run is owned by one at a time."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from triage import orchestrator, runs
from triage.models import Case, RunStep, TriageRun
from triage.tests.faulty_steps import queued_case, taken
from triage.tests.worker_process import worker_process
from triage_project.tests.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault, pytest.mark.concurrency]

WORKERS = 6


def together() -> list[runs.Claim]:
    """What six threads claim that begin at once and stop when nothing is left."""
    claims: list[runs.Claim] = []
    start = threading.Barrier(WORKERS)

    def claim_all(name: str) -> None:
        start.wait()
        while (claim := orchestrator.take(lane="interactive", owner=name)) is not None:
            claims.append(claim)
        connection.close()

    threads = [threading.Thread(target=claim_all, args=(f"worker {number}",)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return claims


def test_each_run_is_claimed_once_however_many_want_it() -> None:
    cases = [queued_case() for _ in range(20)]
    claims = together()
    assert Counter(claim.case_id for claim in claims) == Counter(case.pk for case in cases)
    assert set(TriageRun.objects.values_list("fence", flat=True)) == {1}


def test_a_lapsed_lease_is_passed_on_once_however_many_sweep() -> None:
    queued_case()
    late = taken()
    TriageRun.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    outcomes: list[int] = []
    start = threading.Barrier(WORKERS)

    def sweep() -> None:
        start.wait()
        outcomes.append(orchestrator.rescue()["rescued"])
        connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcomes) == 1
    run = TriageRun.objects.get()
    assert (run.crashes, run.failed_attempts.count()) == (1, 1)
    assert len(together()) == 1
    with pytest.raises(runs.LeaseLost), transaction.atomic():
        runs.hold(late)


def test_clocks_that_differ_by_two_minutes_take_no_lease_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    slow = {"TRIAGE_ANALYZER": "triage.tests.skewed_analyzer.SkewedAnalyzer", "HOLD_FILE": str(hold), "SKEW": "-60"}
    case = queued_case()
    ahead = timezone.now
    with worker_process(**slow):
        wait_until(hold.with_suffix(".held").exists, timeout=30)
        with monkeypatch.context() as skewed:
            skewed.setattr(timezone, "now", lambda: ahead() + timedelta(seconds=60))
            assert orchestrator.rescue()["rescued"] == 0
            assert orchestrator.take(lane="interactive", owner="ahead") is None
        hold.unlink()
        wait_until(lambda: Case.objects.get(pk=case.pk).state == Case.State.COMPLETED, timeout=30)
    assert set(RunStep.objects.values_list("fence", flat=True)) == {1}
