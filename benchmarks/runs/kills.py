"""From kill -9 of a worker, main process and children, in the middle of a step to that step in another worker.

The schedule runs as in production, so a kill waits for the end of the lease and for the next sweep after it. It comes
at a random moment of both.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings

from benchmarks.figures import percentile
from benchmarks.runs import copies, workers
from triage import broadcast
from triage.models import Case, RunStep, TriageRun
from triage_project import parts
from triage_project.child import end, kill_group, wait_until

PATIENCE = 90.0  # seconds
SPREAD = 5.0  # seconds from one sweep to the next


def measure(order: dict[str, Any], say: Callable[[str], None]) -> dict[str, Any]:
    case_ids = copies.copy(copies.tell(to_the_end=True).case_id, order["kills"])
    TriageRun.objects.filter(state=TriageRun.State.QUEUED).delete()
    hold = settings.DATA_DIR / "hold"
    begun = hold.with_suffix(".begun")
    held = {"TRIAGE_ANALYZER": "benchmarks.runs.held.HeldAnalyzer", "BENCHMARK_HOLD": str(hold)}
    took: list[float] = []
    with workers.running(parts.schedule(settings.DATA_DIR)):
        worker = workers.begin(workers.ours(), **held)
        for case_id in case_ids:
            hold.touch()
            copies.queue([case_id])
            broadcast.work_due(TriageRun.Lane.INTERACTIVE)
            _wait(begun.exists, "the run did not begin")
            other = workers.begin(workers.ours(), **held)
            time.sleep(random.uniform(0.0, SPREAD))
            begun.unlink()
            killed = time.monotonic()
            kill_group(worker)
            worker.wait()
            _wait(begun.exists, "the run was not resumed")
            took.append(float(begun.read_text()) - killed)
            hold.unlink()
            done = Case.objects.filter(pk=case_id, state=Case.State.COMPLETED)
            _wait(done.exists, "the run was not completed")
            begun.unlink()
            worker = other
            say(f"killed {len(took)} of {len(case_ids)}: resumed after {took[-1]:.1f} s")
        end([worker], workers.STOP_SECONDS)
    if RunStep.objects.filter(run__case__in=case_ids).count() != 3 * len(case_ids):
        raise RuntimeError("a step was lost or done twice")
    return {
        "kills": len(took),
        "resumed_p50_s": percentile(took, 50),
        "resumed_p95_s": percentile(took, 95),
        "resumed_worst_s": max(took),
    }


def _wait(condition: Callable[[], bool], otherwise: str) -> None:
    if not wait_until(condition, PATIENCE):
        raise RuntimeError(otherwise)
