"""kill -9 of a worker in the middle of an analysis: another one finishes it, and the log has no hole or double."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from triage import eventlog, orchestrator
from triage.access import SYSTEM
from triage.models import Case, RunStep, TriageRun
from triage.tests.loaded_flows import load_small_flow
from triage.tests.worker_process import worker_process
from triage_project.child import kill_group
from triage_project.tests.waiting import wait_until


@pytest.mark.fault
@pytest.mark.django_db(transaction=True)
def test_a_run_whose_worker_was_killed_is_finished_by_the_next_worker(tmp_path: Path) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    held = {"TRIAGE_ANALYZER": "triage.tests.held_analyzer.HeldAnalyzer", "HOLD_FILE": str(hold)}
    load_small_flow()

    with worker_process(**held) as worker:
        case_id = orchestrator.open_case(
            actor=SYSTEM, flow_id="three-questions", language="en", text="A crash on the street"
        ).case_id
        orchestrator.force_complete(actor=SYSTEM, case_id=case_id)
        wait_until(hold.with_suffix(".held").exists, timeout=30)
        kill_group(worker)
        worker.wait()
    assert Case.objects.get(pk=case_id).state == Case.State.ANALYSING
    hold.unlink()

    def is_completed() -> bool:
        orchestrator.rescue()  # what the schedule does
        return Case.objects.get(pk=case_id).state == Case.State.COMPLETED

    with worker_process(**held):
        wait_until(is_completed, timeout=60)

    run = TriageRun.objects.get(case_id=case_id)
    assert (run.state, run.attempts, run.fence) == (TriageRun.State.COMPLETED, 2, 2)
    assert list(RunStep.objects.values_list("name", "fence")) == [("understand", 2), ("assess", 2), ("compose", 2)]
    log = eventlog.all_of(case_id)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    types = Counter(event.type for event in log)
    assert types["triage_completed"] == types["triage_queued"] == 1
    progress = [event.data["progress"] for event in log if event.type == "triage_update"]
    assert progress == sorted(set(progress))
