"""Runs a minute of one worker with two children, and plain Celery with the same work beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from benchmarks.runs import copies, plain, workers
from triage import broadcast
from triage.models import Case, CaseEvent, RunStep, TriageRun

Say = Callable[[str], None]
LANE = str(TriageRun.Lane.INTERACTIVE)
LONGEST = 1200.0  # seconds


@cache
def told_cases(count: int) -> list[str]:
    return copies.copy(copies.tell(to_the_end=True).case_id, count)


def measure(order: dict[str, Any], say: Say) -> dict[str, Any]:
    """Whichever goes first may profit or suffer from what the other left: rounds begin with one and the other."""
    case_ids = told_cases(order["runs"])
    say(f"{len(case_ids)} cases were told")
    measures = [_ours, _plain] if order["round"] % 2 == 0 else [_plain, _ours]
    found: dict[str, Any] = {"runs": len(case_ids)}
    for one in measures:
        found |= one(case_ids, order)
        say(", ".join(f"{name} {value:,.1f}" for name, value in found.items()))
    cpu, plain_cpu = (found[f"{who}worker_ms"] + found[f"{who}store_ms"] for who in ("", "plain_"))
    return {
        **found,
        "ratio": found["plain_per_min"] / found["runs_per_min"],
        "cpu_ratio": cpu / plain_cpu,
        "worker_ratio": found["worker_ms"] / found["plain_worker_ms"],
    }


def _ours(case_ids: list[str], order: dict[str, Any]) -> dict[str, Any]:
    copies.queue(case_ids)
    events = CaseEvent.objects.count()
    for _ in case_ids:  # each case that is queued sends one
        broadcast.work_due(LANE)
    broadcast.drain(60.0)
    with workers.running(workers.ours()) as worker, workers.profiled(worker.pid, order["profile"], "ours"):
        pace = workers.Pace(worker.pid, order["stores"]).follow(_completed(case_ids), len(case_ids))
        done = time.perf_counter()
        while workers.waiting_messages(LANE):
            time.sleep(0.1)
        left_over = time.perf_counter() - done
    _check(case_ids, CaseEvent.objects.count() - events)
    return {"runs_per_min": pace.pop("per_min"), **pace, "left_over_s": left_over}


def _plain(case_ids: list[str], order: dict[str, Any]) -> dict[str, Any]:
    copies.queue(case_ids)
    for case_id in case_ids:
        plain.analyse.delay(case_id)
    with workers.running(workers.plain()) as worker, workers.profiled(worker.pid, order["profile"], "plain"):
        pace = workers.Pace(worker.pid, order["stores"]).follow(_completed(case_ids), len(case_ids))
    return {f"plain_{name}": value for name, value in pace.items()}


def _completed(case_ids: list[str]) -> Iterator[int]:
    """The case that was copied is completed or not; it is not counted."""
    ends = time.monotonic() + LONGEST
    completed = Case.objects.filter(state=Case.State.COMPLETED, pk__gte=min(case_ids), pk__lte=max(case_ids))
    while time.monotonic() < ends:
        yield completed.count()
    raise RuntimeError("the runs do not end")


def _check(case_ids: list[str], events: int) -> None:
    """All that was promised was done: three steps each, and the five events that people follow."""
    steps = RunStep.objects.filter(run__case__in=case_ids[:500]).count()
    if steps != 3 * len(case_ids[:500]) or events < 5 * len(case_ids):
        raise RuntimeError(f"not everything was done: {steps} steps, {events} events")
