"""One run of low priority under constant critical load: it begins once its head start has passed.

Head starts are shortened by `factor`, in this process alone: a run's turn is fixed by whoever queues it, so the
workers need not know. What may come on top of the head start is the work on the critical runs that waited
when it ended; they were there first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from benchmarks.runs import copies, workers
from benchmarks.runs.throughput import told_cases
from triage import broadcast
from triage.lanes import HEAD_START
from triage.models import Priority, TriageRun

BACKLOG = 60  # critical runs that wait at any moment
CASES = 600
LONGEST = 300.0  # seconds


def measure(order: dict[str, Any], say: Callable[[str], None]) -> dict[str, Any]:
    ageing = HEAD_START[Priority.LOW] / order["factor"]
    low, *critical = told_cases(max(order["runs"], CASES))
    TriageRun.objects.filter(state=TriageRun.State.QUEUED).delete()
    load = _Load(critical)
    with workers.running(workers.ours()):
        while load.begun < BACKLOG:
            load.keep_up()
        before, queued = load.begun, time.monotonic()
        copies.queue([low], "low", head_start=ageing)
        began, say_at = None, 0.0
        while began is None and time.monotonic() - queued < LONGEST:
            load.keep_up()
            began = TriageRun.objects.filter(case_id=low).values_list("started_at", flat=True).get()
            if time.monotonic() - queued > say_at:
                say(f"after {say_at:.0f} s {load.begun - before} critical runs have begun")
                say_at += 5.0
        seconds, waiting = time.monotonic() - queued, load.waiting()
    if began is None:
        raise RuntimeError("the low run starved")
    rate = (load.begun - before) / seconds
    run = TriageRun.objects.get(case_id=low)
    later = TriageRun.objects.filter(priority=Priority.CRITICAL, turn_at__gt=run.turn_at, started_at__lt=began)
    return {
        "head_start_factor": order["factor"],
        "ageing_s": ageing.total_seconds(),
        "backlog_s": BACKLOG / rate,
        "started_s": (began - run.queued_at).total_seconds(),
        "overtaken": later.count(),
        "critical_before": load.begun - before,
        "critical_after": waiting,
    }


class _Load:
    """Critical runs, topped up as they are taken, each with its message."""

    def __init__(self, case_ids: list[str]) -> None:
        self._case_ids, self._queued = case_ids, 0
        self.begun = 0

    def waiting(self) -> int:
        critical = TriageRun.objects.filter(priority=Priority.CRITICAL, state=TriageRun.State.QUEUED)
        return critical.count()

    def keep_up(self) -> None:
        waiting = self.waiting()
        self.begun = self._queued - waiting
        missing = BACKLOG - waiting
        if missing > 0:
            places = [(self._queued + number) % len(self._case_ids) for number in range(missing)]
            copies.queue([self._case_ids[place] for place in places], "critical", head_start=timedelta(0))
            self._queued += missing
            for _ in range(missing):
                broadcast.work_due(TriageRun.Lane.INTERACTIVE)
        time.sleep(0.1)
