"""The figures as a table: a column for each database, with what was aimed at."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.runs.figure import Figure
from benchmarks.streams.table import text

HEADINGS = {
    "rounds": ("rounds of ours and plain Celery in turn", ""),
    "load": ("load average before", ""),
    "cpus": ("cores", ""),
    "runs": ("runs queued", ""),
    "runs_per_min": ("runs a minute", "≥ 3,000"),
    "worker_ms": ("worker CPU a run, ms", ""),
    "store_ms": ("store CPU a run, ms", ""),
    "left_over_s": ("messages left over, gone after s", ""),
    "plain_per_min": ("plain Celery, a minute", ""),
    "plain_worker_ms": ("its worker CPU a task, ms", ""),
    "plain_store_ms": ("its store CPU a task, ms", ""),
    "ratio": ("guarantees: time, ours ÷ plain", "≤ 1.5"),
    "cpu_ratio": ("guarantees: CPU with the store's, ours ÷ plain", ""),
    "worker_ratio": ("guarantees: CPU of the worker, ours ÷ plain", ""),
    "verb_p50_ms": ("last turn alone, p50 ms", ""),
    "verb_p99_ms": ("last turn alone, p99 ms", "≤ 50"),
    "verb_cpu_ms": ("last turn alone with its hints, CPU ms", ""),
    "hint_p50_ms": ("then its hints have left, p50 ms", ""),
    "hint_p99_ms": ("then its hints have left, p99 ms", ""),
    "busy_verb_p50_ms": ("last turn beside a busy worker, p50 ms", ""),
    "busy_verb_p99_ms": ("last turn beside a busy worker, p99 ms", "≤ 50"),
    "busy_hint_p99_ms": ("then its hints have left, p99 ms", ""),
    "kills": ("workers killed in a step", ""),
    "resumed_p50_s": ("from kill -9 to the resumed step, p50 s", ""),
    "resumed_p95_s": ("from kill -9 to the resumed step, p95 s", "≤ 15"),
    "resumed_worst_s": ("the worst, s", ""),
    "head_start_factor": ("head starts shortened by", ""),
    "ageing_s": ("a low priority's head start, s", ""),
    "backlog_s": ("critical runs that waited then, s of work", ""),
    "started_s": ("a low run under critical load began after s", "about the sum"),
    "overtaken": ("critical runs of a later turn begun before it", "≤ 2"),
    "critical_before": ("critical runs begun before it", ""),
    "critical_after": ("critical runs that waited when it began", ""),
}


def show(title: str, figures: Sequence[Figure]) -> None:
    table = Table(title=title)
    table.add_column("what")
    for figure in figures:
        table.add_column(figure.database, justify="right")
    table.add_column("aim", justify="right")
    for name, (heading, aim) in HEADINGS.items():
        if any(getattr(figure, name) is not None for figure in figures):
            table.add_row(heading, *(text(getattr(figure, name)) for figure in figures), aim)
    Console().print(table)
