"""A worker says of itself which processes it has and how much memory they take; the board hears of its end."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from triage import orchestrator
from triage.board import presence
from triage.board.figures import collect
from triage.board.filters import Filters
from triage.models import TriageRun
from triage.tests.faulty_steps import queued_case
from triage.tests.worker_process import worker_process
from triage_project.tests.faulty_valkey import FaultyValkey
from triage_project.tests.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]


def report(name: str = "@one") -> None:
    presence.report(name=name, node="worker@here", queues=["interactive"], started_at=time.time())


def test_a_worker_is_shown_with_its_processes_memory_and_run_and_leaves_when_it_ends(tmp_path: Path) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    case = queued_case()
    held = {"TRIAGE_ANALYZER": "triage.tests.held_analyzer.HeldAnalyzer", "HOLD_FILE": str(hold)}
    with worker_process(**held, WORKER_SOFT_SHUTDOWN="1") as worker:
        wait_until(hold.with_suffix(".held").exists, timeout=30)
        wait_until(lambda: presence.present() and presence.present()[0].children, timeout=30)
        board = collect(Filters())
        (shown,) = board.workers
        assert shown.is_present
        assert shown.node.startswith("worker@")
        assert set(shown.queues) == {"interactive", "batch", "schedule"}
        assert shown.main is not None
        assert shown.main.pid == worker.pid
        assert len(shown.processes) == 2
        assert all(process.memory_mb and process.memory_mb > 10 for process in shown.processes)
        (busy,) = [process for process in shown.processes if process.run_id]
        assert (busy.run_id, busy.case_id) == (TriageRun.objects.get().pk, case.pk)
        assert busy.lease_left is not None
        assert 0 < busy.lease_left <= 12
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=30)
    assert presence.present() == []


def test_a_worker_that_was_killed_is_forgotten_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "LIVES", 1)
    report()
    assert [one.main.pid for one in presence.present()] == [os.getpid()]
    wait_until(lambda: not presence.present())


def test_two_workers_of_one_name_are_two() -> None:
    report("@one")
    report("@two")
    assert [one.name for one in presence.present()] == ["@one", "@two"]


def test_without_redis_the_board_says_so_and_shows_what_the_leases_tell(valkey: FaultyValkey) -> None:
    queued_case()
    orchestrator.take(lane="interactive", owner="host:4711@gone")
    valkey.kill()
    board = collect(Filters())
    assert not board.redis
    (worker,) = board.workers
    assert (worker.name, worker.node, worker.is_present) == ("@gone", "host", False)
    assert [(process.pid, process.run_id) for process in worker.processes] == [(4711, TriageRun.objects.get().pk)]
