"""One line of the report: what was measured on one database."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """None: not measured here. CPU is that of the worker with its processes, "store" that of Valkey and PostgreSQL."""

    database: str
    rounds: int = 1
    load: float | None = None
    """Average over a minute before the first measurement, of a machine that has `cpus` of them."""
    cpus: int | None = None
    runs: int | None = None
    runs_per_min: float | None = None
    worker_ms: float | None = None
    store_ms: float | None = None
    left_over_s: float | None = None
    plain_per_min: float | None = None
    plain_worker_ms: float | None = None
    plain_store_ms: float | None = None
    ratio: float | None = None
    cpu_ratio: float | None = None
    worker_ratio: float | None = None
    verb_p50_ms: float | None = None
    verb_p99_ms: float | None = None
    verb_cpu_ms: float | None = None
    hint_p50_ms: float | None = None
    hint_p99_ms: float | None = None
    busy_verb_p50_ms: float | None = None
    busy_verb_p99_ms: float | None = None
    busy_hint_p99_ms: float | None = None
    kills: int | None = None
    resumed_p50_s: float | None = None
    resumed_p95_s: float | None = None
    resumed_worst_s: float | None = None
    head_start_factor: float | None = None
    ageing_s: float | None = None
    backlog_s: float | None = None
    started_s: float | None = None
    overtaken: int | None = None
    """Critical runs that came after its turn and began before it; each child of the worker may hold one."""
    critical_before: int | None = None
    critical_after: int | None = None


def median(rounds: Sequence[Figure]) -> Figure:
    """The median of each number over the rounds that have it."""
    merged = asdict(rounds[0])
    for field in fields(Figure):
        values = [value for figure in rounds if isinstance(value := getattr(figure, field.name), int | float)]
        if values:
            merged[field.name] = type(values[0])(statistics.median(values))
    return Figure(**{**merged, "rounds": len(rounds)})
