"""`python -m benchmarks runs`: which parts, on which databases, how large, how often."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.runs.figure import Figure, median
from benchmarks.streams.processes import Program
from benchmarks.streams.site import Site, postgresql_folder, site

DATABASES = ("postgresql", "sqlite")
PARTS = ("throughput", "enqueue", "kills", "starvation")
ONCE = ("kills", "starvation")  # they wait for clocks, not for the database: on the first one only
console = Console(stderr=True)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--database", default=",".join(DATABASES), help="of: %(default)s")
    parser.add_argument("--part", default=",".join(PARTS), help="of: %(default)s")
    parser.add_argument("--runs", type=int, default=2000, help="cases that are queued")
    parser.add_argument("--turns", type=int, default=500, help="last turns that queue a run")
    parser.add_argument("--kills", type=int, default=12, help="workers killed")
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of runs, turns and kills")
    parser.add_argument("--rounds", type=int, default=1, help="of the throughput; the median is reported")
    parser.add_argument("--factor", type=float, default=480.0, help="by which head starts are shortened")
    parser.add_argument("--profile", default="", metavar="FOLDER", help="sample the workers by py-spy")


def run(options: Namespace) -> list[Figure]:
    if options.profile:
        Path(options.profile).mkdir(parents=True, exist_ok=True)
    figures = []
    for number, database in enumerate(options.database.split(",")):
        if database == "postgresql" and postgresql_folder() is None:
            console.print("[yellow]PostgreSQL is left out: it is not installed.")
            continue
        parts = [part for part in options.part.split(",") if number == 0 or part not in ONCE]
        with site(database) as place:
            figures.append(_measure(place, parts, options))
    return figures


def _measure(place: Site, parts: list[str], options: Namespace) -> Figure:
    """In a process of its own, as settings are read once."""
    load = os.getloadavg()[0]
    log = place.folder / f"runs-{place.database}.log"
    found: dict[str, Any] = {}
    with Program("benchmarks.runs.program", place.environment, log) as program:
        order = {
            "runs": _scaled(options, options.runs),
            "turns": _scaled(options, options.turns),
            "kills": _scaled(options, options.kills),
            "factor": options.factor,
            "profile": options.profile and str(Path(options.profile).absolute()),
            "stores": [pid for pid in (place.valkey_pid, place.postgres_pid) if pid],
        }
        for part in parts:
            rounds = options.rounds if part == "throughput" else 1
            answers = [_ask(program, place.database, {**order, "part": part, "round": n}) for n in range(rounds)]
            measured = median([Figure(database=place.database, **answer) for answer in answers])
            found |= {name: getattr(measured, name) for name in answers[0]}
            if part == "throughput":
                found["rounds"] = rounds
    return Figure(database=place.database, load=load, cpus=os.cpu_count(), **found)


def _ask(program: Program, database: str, order: dict[str, Any]) -> dict[str, Any]:
    program.tell(order)
    while "progress" in (answer := program.answer()):
        console.print(f"[dim]{database}: {answer['progress']}")
    return answer


def _scaled(options: Namespace, count: int) -> int:
    scale: float = options.scale
    return max(1, round(count * scale))
