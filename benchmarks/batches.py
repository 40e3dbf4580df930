"""A file of many cases, from its check to the last result, on two databases; and people who come meanwhile."""

from __future__ import annotations

import csv
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from django.conf import settings
from rich.console import Console
from rich.table import Table

from benchmarks.streams.processes import Program
from benchmarks.streams.site import postgresql_folder, site

DATABASES = ("sqlite", "postgresql")
TEXT = "Fui demitido sem justa causa em 3 de março e não recebi R$ 12.000 de rescisão. Meu número é {}."
HEADINGS = {
    "rows": "rows",
    "checked_per_s": "checked, rows/s",
    "kept_per_s": "checked and kept, rows/s",
    "told_per_s": "told alone, rows/s",
    "analysed_per_s": "analysed alone, rows/s",
    "seconds": "whole batch, s",
    "rows_per_s": "whole batch, rows/s",
    "first_tenth_per_s": "its first tenth, rows/s",
    "last_tenth_per_s": "its last tenth, rows/s",
    "worker_kb_first": "worker at 10 %, KB",
    "worker_kb_last": "worker at the end, KB",
    "reader_kb_first": "reading process before, KB",
    "reader_kb_last": "reading process after, KB",
    "most_runs_waiting": "most runs waiting",
    "person_alone_ms_p50": "a person alone, p50 ms",
    "person_ms_p50": "a person meanwhile, p50 ms",
    "person_ms_worst": "a person meanwhile, worst ms",
    "persons": "persons",
}


@dataclass(frozen=True, slots=True)
class BatchFigure:
    """Of one database. A person's time is from ending the interview to the result; KB are PSS, with all children."""

    database: str
    rows: int
    checked_per_s: float
    kept_per_s: float
    told_per_s: float
    analysed_per_s: float
    seconds: float
    rows_per_s: float
    first_tenth_per_s: float
    last_tenth_per_s: float
    worker_kb_first: int
    worker_kb_last: int
    reader_kb_first: int
    reader_kb_last: int
    most_runs_waiting: int
    person_alone_ms_p50: float
    person_ms_p50: float
    person_ms_worst: float
    persons: int


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--database", default=",".join(DATABASES), help="of: %(default)s")
    parser.add_argument("--every", type=float, default=5.0, help="seconds from one person to the next")


def run(options: Namespace) -> list[BatchFigure]:
    file = Path(settings.DATA_DIR) / "cases.csv"
    with file.open("w", newline="", encoding="utf-8") as output:
        writer = csv.writer(output)
        writer.writerow(["external_id", "text"])
        writer.writerows([number, TEXT.format(number)] for number in range(options.rows))
    return [_measure(database, file, options) for database in options.database.split(",")]


def show(title: str, figures: Sequence[BatchFigure]) -> None:
    table = Table(title=title)
    table.add_column("what")
    for figure in figures:
        table.add_column(figure.database, justify="right")
    for name, heading in HEADINGS.items():
        table.add_row(heading, *(f"{getattr(figure, name):,.0f}" for figure in figures))
    Console().print(table)


def _measure(database: str, file: Path, options: Namespace) -> BatchFigure:
    """In a process of its own, as settings are read once."""
    if database == "postgresql" and postgresql_folder() is None:
        raise SystemExit("PostgreSQL is not installed; --database sqlite measures without it.")
    console = Console(stderr=True)
    with site(database) as place:
        log = place.folder / f"{database}.log"
        with Program("benchmarks.batch_program", place.environment, log) as program:
            program.tell({"file": str(file), "every": options.every})
            while "database" not in (answer := program.answer()):
                console.print(f"{database}: {answer['progress']}")
    known: dict[str, Any] = {field.name: answer[field.name] for field in fields(BatchFigure)}
    return BatchFigure(**known)
