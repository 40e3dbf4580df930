"""kill -9 of a worker, whole or in part, at any instant: the run is finished, and the log has no hole or double."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from triage import eventlog, orchestrator
from triage.access import SYSTEM
from triage.models import Case, RunStep, TriageRun
from triage.orchestrator.steps import STEPS
from triage.tests.faulty_steps import queued_case
from triage.tests.loaded_flows import load_small_flow
from triage.tests.web_process import environment_of_test
from triage.tests.worker_process import worker_process
from triage_project.child import kill_group
from triage_project.tests.waiting import wait_until

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]


def assert_all_is_there_once(case: Case) -> None:
    log = eventlog.all_of(case.pk)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    types = Counter(event.type for event in log)
    assert types["triage_completed"] == types["triage_queued"] == 1
    progress = [event.data["progress"] for event in log if event.type == "triage_update"]
    assert progress == sorted(set(progress))
    assert list(RunStep.objects.filter(run__case=case).values_list("name", flat=True)) == list(STEPS)


def is_completed_by_rescue(case: Case) -> bool:
    orchestrator.rescue()  # what the schedule does
    return Case.objects.get(pk=case.pk).state == Case.State.COMPLETED


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
    assert_all_is_there_once(Case.objects.get(pk=case_id))


def test_a_run_whose_process_was_killed_is_finished_by_the_same_worker(tmp_path: Path) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    held = {"TRIAGE_ANALYZER": "triage.tests.held_analyzer.HeldAnalyzer", "HOLD_FILE": str(hold)}
    case = queued_case()
    with worker_process(**held) as worker:
        wait_until(hold.with_suffix(".held").exists, timeout=30)
        child = int(wait_until(hold.with_suffix(".held").read_text))
        assert child != worker.pid
        os.kill(child, signal.SIGKILL)
        hold.unlink()
        wait_until(lambda: is_completed_by_rescue(case), timeout=60)
        assert worker.poll() is None
    run = TriageRun.objects.get()
    assert (run.attempts, run.failed_attempts.get().error) == (2, "worker_lost")
    assert_all_is_there_once(case)


CLAIM_AND_WAIT = """
import django, sys, time
django.setup()
from triage import orchestrator
assert orchestrator.take(lane="interactive", owner="killed")
print("claimed", flush=True)
time.sleep(600)
"""


def test_a_run_whose_worker_was_killed_between_claim_and_first_step_is_finished() -> None:
    case = queued_case()
    command = [sys.executable, "-c", CLAIM_AND_WAIT]
    with subprocess.Popen(command, env=environment_of_test(), stdout=subprocess.PIPE) as claimer:
        assert claimer.stdout is not None
        assert claimer.stdout.readline() == b"claimed\n"
        claimer.kill()
    assert (TriageRun.objects.get().state, Case.objects.get().state) == ("running", "queued")
    with worker_process():
        wait_until(lambda: is_completed_by_rescue(case), timeout=60)
    assert TriageRun.objects.get().attempts == 2
    assert_all_is_there_once(case)


def test_a_worker_that_was_paused_for_longer_than_its_lease_does_no_harm_when_it_wakes(tmp_path: Path) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    held = {"TRIAGE_ANALYZER": "triage.tests.held_analyzer.HeldAnalyzer", "HOLD_FILE": str(hold)}
    case = queued_case()
    with worker_process(**held) as sleeper:
        wait_until(hold.with_suffix(".held").exists, timeout=30)
        os.killpg(sleeper.pid, signal.SIGSTOP)
        with worker_process():
            wait_until(lambda: is_completed_by_rescue(case), timeout=60)
        hold.unlink()
        os.killpg(sleeper.pid, signal.SIGCONT)
        later = queued_case()  # the sleeper is alone now: once it took this, it is through with the other one
        wait_until(lambda: is_completed_by_rescue(later), timeout=60)
    assert set(RunStep.objects.filter(run__case=case).values_list("fence", flat=True)) == {2}
    assert_all_is_there_once(case)
