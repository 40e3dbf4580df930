"""The figures as tables: one for each workload and database, with ratios to the first of our servers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table

from benchmarks.streams.figure import Figure

BUSY = 0.9  # of one core, from which on the load generator may be what was measured

STREAMING = {
    "deliveries": "delivered",
    "missing": "missing",
    "duplicates": "twice",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "cpu_s": "CPU s",
    "cpu_us_per_delivery": "µs CPU a delivery",
    "store_cpu_s": "store CPU s",
    "connects_per_s": "connects/s",
    "kb_per_stream": "KB/stream",
    "threads": "threads",
    "connections": "DB conn.",
    "published_per_s": "events/s",
    "client_cpu_share": "load CPU",
}
LINES: dict[str, dict[str, str]] = {
    "a": STREAMING,
    "b": STREAMING,
    "c": {
        "streams": "streams",
        "refused": "refused",
        "connects_per_s": "connects/s",
        "connect_cpu_ms": "ms CPU a connect",
        "kb_per_stream": "KB/stream",
        "threads": "threads",
        "connections": "DB conn.",
        "idle_cpu_share": "idle CPU",
    },
    "d": {
        "streams": "streams",
        "missing": "missing",
        "duplicates": "twice",
        "all_caught_up_s": "all caught up s",
        "catch_up_p99_ms": "p99 of a catch-up ms",
        "caught_up_from_connect_p99_ms": "p99 since connecting ms",
        "cpu_s": "CPU s",
        "connects_per_s": "connects/s",
        "client_cpu_share": "load CPU",
    },
    "e": {
        "writers": "writers",
        "published_per_s": "events/s",
        "p50_ms": "p50 ms",
        "p99_ms": "p99 ms",
        "publisher_cpu_s": "writers' CPU s",
        "store_cpu_s": "store CPU s",
    },
}
TITLES = {
    "a": "many watchers of one case",
    "b": "many cases, a stream each",
    "c": "idle streams in one process",
    "d": "all clients reconnect at once, 50 events behind",
    "e": "the write path",
}
RATIOS = {"a": ("cpu_us_per_delivery", "p99_ms"), "b": ("cpu_us_per_delivery", "p99_ms")}


WIDTH = 132  # of a terminal that does not tell


def show(title: str, figures: Sequence[Figure]) -> None:
    console = Console()
    console = console if console.is_terminal else Console(width=WIDTH)
    console.print(title)
    for (workload, database), group in groupby(figures, key=lambda figure: (figure.workload, figure.database)):
        console.print(table(f"({workload}) {TITLES[workload]} · {database}", workload, list(group)))
    for figure in figures:
        if figure.client_cpu_share is not None and figure.client_cpu_share > BUSY:
            console.print(
                f"({figure.workload}) {figure.server}: the load generator was busy; this may be its own speed."
            )


def table(title: str, workload: str, figures: Sequence[Figure]) -> Table:
    """A column for each server: there are fewer servers than things to say of each."""
    shown = Table(title=title, title_justify="left")
    shown.add_column("")
    for figure in figures:
        shown.add_column(figure.server, justify="right")
    for name, heading in LINES[workload].items():
        shown.add_row(heading, *(text(getattr(figure, name)) for figure in figures))
    ours = next((figure for figure in figures if figure.is_ours), None)
    for name in RATIOS.get(workload, ()):
        shown.add_row(f"{LINES[workload][name]}, ÷ ours", *(ratio(figure, ours, name) for figure in figures))
    return shown


def ratio(figure: Figure, ours: Figure | None, name: str) -> str:
    own, base = getattr(figure, name), getattr(ours, name) if ours else None
    return f"{own / base:.2f}" if own is not None and base else ""


def text(value: float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
