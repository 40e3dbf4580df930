"""Kills at random instants while runs pour in: every run is finished, and everything happened exactly once.

A few kills in the ordinary suite; TRIAGE_SOAK=1 makes it 25 kills over 300 runs. What was counted is printed.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from triage import eventlog
from triage.models import Case, FailedAttempt, RunStep, TriageRun
from triage.orchestrator.steps import STEPS
from triage.tests.faulty_steps import queued_case
from triage.tests.web_process import SOAK
from triage.tests.worker_process import schedule_process, worker_process
from triage_project.child import kill_group
from triage_project.tests.faulty_valkey import FaultyValkey
from triage_project.tests.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault, pytest.mark.concurrency]

KILLS, RUNS = (25, 300) if SOAK else (5, 40)
VICTIMS = ["worker", "child", "schedule", "valkey", "worker stopping"]


class Installation:
    """Two workers and a schedule; whoever is killed is replaced at once, as a supervisor would."""

    def __init__(self, stack: ExitStack, valkey: FaultyValkey) -> None:
        self._stack = stack
        self._valkey = valkey
        self.workers = [self._worker(), self._worker()]
        self.schedule = stack.enter_context(schedule_process())

    def kill(self, victim: str) -> None:
        number = random.randrange(2)
        worker = self.workers[number]
        if victim == "child":
            with suppress(IndexError, ProcessLookupError):  # it was just being replaced
                os.kill(random.choice(children(worker.pid)), signal.SIGKILL)
        elif victim == "schedule":
            kill_group(self.schedule)
            self.schedule = self._stack.enter_context(schedule_process())
        elif victim == "valkey":
            self._valkey.kill()
            self._valkey.start()
        else:
            if victim == "worker":
                kill_group(worker)
            else:
                worker.send_signal(signal.SIGTERM)
            worker.wait(timeout=60)
            self.workers[number] = self._worker()

    def _worker(self) -> subprocess.Popen[bytes]:
        slow = {"TRIAGE_ANALYZER": "triage.tests.slow_analyzer.SlowAnalyzer", "WORKER_SOFT_SHUTDOWN": "1"}
        return self._stack.enter_context(worker_process(**slow))


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def victims() -> Iterator[str]:
    """Each kind once, in any order, before one comes again."""
    while True:
        yield from random.sample(VICTIMS, len(VICTIMS))


def unfinished() -> int:
    return Case.objects.exclude(state=Case.State.COMPLETED).count()


def test_every_run_is_finished_and_everything_happened_once(valkey: FaultyValkey) -> None:
    seed = random.randrange(2**32)
    random.seed(seed)
    begun = time.monotonic()
    killed: Counter[str] = Counter()
    with ExitStack() as stack:
        site = Installation(stack, valkey)
        kinds = victims()
        for number in range(KILLS):
            for _ in range(RUNS // KILLS):
                queued_case()
            # At work, at an instant that nobody chose: some of these runs are under way, and none is waited for.
            wait_until(TriageRun.objects.filter(state=TriageRun.State.RUNNING).exists, timeout=60)
            moment = time.monotonic() + random.uniform(0, 1)
            wait_until(lambda moment=moment: time.monotonic() > moment)  # type: ignore[misc]
            victim = next(kinds)
            site.kill(victim)
            killed[victim] += 1
            print(f"kill {number + 1}: {victim}, {unfinished()} unfinished")
        wait_until(lambda: unfinished() == 0, timeout=180, interval=0.2)
    counted = count_all()
    lost = FailedAttempt.objects.filter(error="worker_lost").count()
    print(f"seed {seed}: {dict(killed)}; {counted}; {lost} attempts lost; {time.monotonic() - begun:.0f} s")
    assert sum(killed.values()) == KILLS
    assert counted == {"runs": RUNS, "doubled": 0, "missing": 0, "holes": 0}


def count_all() -> dict[str, int]:
    """In the database, after everything."""
    runs = TriageRun.objects.filter(state=TriageRun.State.COMPLETED).count()
    steps = Counter(RunStep.objects.values_list("run_id", "name"))
    wanted = {(run_id, name) for run_id in TriageRun.objects.values_list("pk", flat=True) for name in STEPS}
    doubled, missing, holes = sum(steps.values()) - len(steps), len(wanted - steps.keys()), 0
    for case in Case.objects.all():
        log = eventlog.all_of(case.pk)
        holes += [event.seq for event in log] != list(range(1, case.last_seq + 1))
        told = Counter(event.type for event in log)
        told.update(event.data["stage"] for event in log if event.type == "triage_update")
        for name in ("triage_completed", "gathering", "assessing", "composing"):
            doubled += max(0, told[name] - 1)
            missing += told[name] == 0
    return {"runs": runs, "doubled": doubled, "missing": missing, "holes": holes}
