"""How far a run is and how long it may still take, from how long the steps of finished runs took.

Without history all steps weigh alike, and nothing is said of the time: a guess would be worse than none.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from triage.models import RunStep, TriageRun

BEGINS_AT = 60  # percent; the interview ends at 50, so that being taken up shows as progress too
LEAST_RUNS = 20  # finished runs from which on the remaining time is estimated
MOST_RUNS = 200  # the newest ones that are looked at
SURE = 0.8  # the share of runs that were done within what is estimated
REREAD = 30  # seconds between two looks at the history

History = Sequence[Mapping[str, int]]
"""Milliseconds per step, of each finished run."""


def history_of(flow_id: str, steps: Collection[str]) -> History:
    """The newest runs of the flow that finished all its steps."""
    return _history(flow_id, tuple(steps), int(time.monotonic() // REREAD))


def progress(done: Collection[str], steps: Collection[str], history: History) -> int:
    """Percent, for people: the time that the steps that are done usually take, of the time of all."""
    usual = {step: sum(run[step] for run in history) for step in steps}
    if not any(usual.values()):
        usual = dict.fromkeys(steps, 1)
    share = sum(usual[step] for step in steps if step in done) / sum(usual.values())
    return min(99, BEGINS_AT + round((100 - BEGINS_AT) * share))


def remaining(done: Collection[str], steps: Collection[str], history: History) -> int | None:
    """Seconds within which four of five runs got through what is still to be done; None without enough of them."""
    if len(history) < LEAST_RUNS:
        return None
    took = sorted(sum(run[step] for step in steps if step not in done) for run in history)
    return max(1, math.ceil(took[math.ceil(SURE * len(took)) - 1] / 1000))


@lru_cache(maxsize=16)
def _history(flow_id: str, steps: tuple[str, ...], _period: int) -> History:
    rows = RunStep.objects.filter(run__state=TriageRun.State.COMPLETED, run__case__flow__flow=flow_id)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    newest = rows.order_by("-pk").values_list("run_id", "name", "milliseconds")
    for run_id, name, milliseconds in newest[: MOST_RUNS * len(steps)]:
        found[run_id][name] = milliseconds
    return [run for run in found.values() if all(step in run for step in steps)]
