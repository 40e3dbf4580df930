"""The last turn of an interview, which queues the run: how long the verb takes, and how long its hints after it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks.figures import percentile
from benchmarks.runs import copies, workers
from benchmarks.turns import GUEST
from triage import broadcast, orchestrator

WARM = 20  # turns that are not counted
EVERY = 0.05  # seconds between two turns beside a busy worker, so that it is busy with these and others


def measure(order: dict[str, Any], say: Callable[[str], None]) -> dict[str, Any]:
    count = order["turns"]
    told = copies.tell(to_the_end=False)
    case_ids = copies.copy(told.case_id, 2 * (count + WARM), remembered=True)
    say(f"{len(case_ids)} interviews wait for their last answer")
    cpu = time.process_time()
    alone, alone_hints = _end(case_ids[: count + WARM], told.last_words, rest=0.0)
    cpu = (time.process_time() - cpu) / (count + WARM)
    with workers.running(workers.ours()):
        busy, busy_hints = _end(case_ids[count + WARM :], told.last_words, rest=EVERY)
    return {
        "verb_p50_ms": percentile(alone, 50),
        "verb_p99_ms": percentile(alone, 99),
        "verb_cpu_ms": cpu * 1000,
        "hint_p50_ms": percentile(alone_hints, 50),
        "hint_p99_ms": percentile(alone_hints, 99),
        "busy_verb_p50_ms": percentile(busy, 50),
        "busy_verb_p99_ms": percentile(busy, 99),
        "busy_hint_p99_ms": percentile(busy_hints, 99),
    }


def _end(case_ids: list[str], words: str, *, rest: float) -> tuple[list[float], list[float]]:
    """Milliseconds of each verb, and until its hints had left."""
    verbs: list[float] = []
    hints: list[float] = []
    for case_id in case_ids:
        began = time.perf_counter()
        outcome = orchestrator.answer(actor=GUEST, case_id=case_id, text=words)
        returned = time.perf_counter()
        if not broadcast.drain(10.0) or outcome.status != "queued":
            raise RuntimeError(f"a last turn did not queue its case: {outcome.status}")
        verbs.append((returned - began) * 1000)
        hints.append((time.perf_counter() - returned) * 1000)
        time.sleep(rest)
    return verbs[WARM:], hints[WARM:]
