"""One line of a report: what one server did under one workload."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """None: not measured here. CPU in seconds while events were delivered; memory is PSS."""

    workload: str
    server: str
    database: str
    is_ours: bool = True
    rounds: int = 1
    streams: int | None = None
    refused: int | None = None
    closed: int | None = None
    published: int | None = None
    published_per_s: float | None = None
    deliveries: int | None = None
    missing: int | None = None
    duplicates: int | None = None
    disordered: int | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    cpu_s: float | None = None
    cpu_us_per_delivery: float | None = None
    store_cpu_s: float | None = None
    publisher_cpu_s: float | None = None
    connects_per_s: float | None = None
    connect_cpu_ms: float | None = None
    idle_cpu_share: float | None = None
    kb_per_stream: float | None = None
    threads: int | None = None
    connections: int | None = None
    all_caught_up_s: float | None = None
    catch_up_p99_ms: float | None = None
    caught_up_from_connect_p99_ms: float | None = None
    writers: int | None = None
    client_cpu_share: float | None = None
    """Of one core: near 1 the load generator, not the server, was measured."""


WORST = {"missing", "duplicates", "disordered", "refused", "closed"}
"""A loss in one round is a loss."""


def median(rounds: Sequence[Figure]) -> Figure:
    """The median of each number over the rounds; the worst of what must be zero."""
    merged = asdict(rounds[0])
    for field in fields(Figure):
        values = [value for figure in rounds if isinstance(value := getattr(figure, field.name), int | float)]
        if field.name != "is_ours" and values and len(values) == len(rounds):
            merged[field.name] = max(values) if field.name in WORST else type(values[0])(statistics.median(values))
    return Figure(**{**merged, "rounds": len(rounds)})
