"""Valkey killed, or emptied, while workers are busy: they live on, and every run is finished once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from triage import eventlog, orchestrator
from triage.models import Case, RunStep, TriageRun
from triage.orchestrator.steps import STEPS
from triage.tests.faulty_steps import queued_case
from triage.tests.worker_process import worker_process
from triage_project.tests.faulty_valkey import FaultyValkey
from triage_project.tests.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault, pytest.mark.concurrency]

QUEUED = 100
Moment = Callable[[FaultyValkey, Path], None]


def is_all_completed_by_rescue() -> bool:
    orchestrator.rescue()  # what the schedule does
    return not Case.objects.exclude(state=Case.State.COMPLETED).exists()


def assert_everything_happened_once() -> None:
    runs = TriageRun.objects.count()
    assert Counter(RunStep.objects.values_list("name", flat=True)) == dict.fromkeys(STEPS, runs)
    for case in Case.objects.all():
        log = eventlog.all_of(case.pk)
        assert [event.seq for event in log] == list(range(1, case.last_seq + 1))
        types = Counter(event.type for event in log)
        assert types["triage_completed"] == types["triage_queued"] == 1


def while_it_works(valkey: FaultyValkey, hold: Path) -> None:
    """The work outlasts the outage."""
    valkey.kill()
    valkey.start()
    hold.unlink()


def as_it_ends(valkey: FaultyValkey, hold: Path) -> None:
    """The acknowledgement falls into the outage."""
    valkey.kill()
    hold.unlink()
    wait_until(lambda: Case.objects.get().state == Case.State.COMPLETED, timeout=30)
    valkey.start()


def at_the_same_time(valkey: FaultyValkey, hold: Path) -> None:
    hold.unlink()
    valkey.kill()
    valkey.start()


@pytest.mark.parametrize("moment", [while_it_works, as_it_ends, at_the_same_time])
def test_a_worker_with_one_of_two_slots_busy_survives(moment: Moment, tmp_path: Path, valkey: FaultyValkey) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    held = {"TRIAGE_ANALYZER": "triage.tests.held_analyzer.HeldAnalyzer", "HOLD_FILE": str(hold)}
    queued_case()
    with worker_process(**held, WORKER_CONCURRENCY="2") as worker:
        wait_until(hold.with_suffix(".held").exists, timeout=30)
        moment(valkey, hold)
        for _ in range(3):
            queued_case()
        wait_until(is_all_completed_by_rescue, timeout=60, interval=0.2)
        assert worker.poll() is None
    assert_everything_happened_once()
    assert set(TriageRun.objects.values_list("fence", flat=True)) == {1}


def test_a_hundred_queued_runs_outlive_a_flushall(valkey: FaultyValkey) -> None:
    for _ in range(QUEUED):
        queued_case()
    with worker_process() as worker:
        wait_until(lambda: TriageRun.objects.filter(state=TriageRun.State.COMPLETED).exists(), timeout=30)
        valkey.wipe()
        wait_until(is_all_completed_by_rescue, timeout=90, interval=0.2)
        valkey.wipe()
        queued_case()  # the worker is idle now, and hears of this one
        wait_until(lambda: not TriageRun.objects.exclude(state=TriageRun.State.COMPLETED).exists(), timeout=30)
        assert worker.poll() is None
    assert_everything_happened_once()


def test_a_flushall_before_any_worker_came_loses_nothing(valkey: FaultyValkey) -> None:
    cases = [queued_case() for _ in range(3)]
    valkey.wipe()
    TriageRun.objects.filter(case=cases[0]).update(next_attempt_at="2020-01-01T00:00:00Z")  # it waits for long already
    with worker_process():
        wait_until(is_all_completed_by_rescue, timeout=60, interval=0.2)
    assert_everything_happened_once()
