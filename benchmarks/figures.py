"""Latencies to figures: percentiles of a round, medians over rounds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of a report. Times in milliseconds; `claim` is what the predecessor says of itself."""

    what: str
    p50: float
    p99: float
    per_second: float
    claim: str = ""


def latencies(work: Callable[[int], object], times: int) -> list[float]:
    """Milliseconds of each of `times` calls, one after the other."""
    measured = []
    for number in range(times):
        began = time.perf_counter()
        work(number)
        measured.append((time.perf_counter() - began) * 1000)
    return measured


def figure(what: str, rounds: Sequence[list[float]], claim: str = "") -> Figure:
    return Figure(
        what,
        p50=statistics.median(percentile(measured, 50) for measured in rounds),
        p99=statistics.median(percentile(measured, 99) for measured in rounds),
        per_second=statistics.median(1000 * len(measured) / sum(measured) for measured in rounds),
        claim=claim,
    )


def percentile(measured: list[float], percent: int) -> float:
    """The nearest-rank percentile."""
    ordered = sorted(measured)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
