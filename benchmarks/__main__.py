"""`python -m benchmarks NAME`: measure one thing on a throwaway installation, show it and keep it as JSON."""

from __future__ import annotations

import json
import os
import platform
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure
from benchmarks.installation import throwaway_installation

# Each is a module with `add_arguments(parser)` and `run(options) -> list[Figure]`; it may have its own `show`.
BENCHMARKS = {
    "accuracy": "how right the classifier is on BANKING77, beside what is published",
    "batches": "many cases from a file",
    "learnt": "what a turn costs with what was learnt, beside rules alone",
    "memory": "conversation state in Redis, and whole turns",
    "runs": "the background engine, beside plain Celery",
    "streams": "delivery of events, beside other servers",
}
RESULTS = Path(__file__).with_name("results")


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("benchmark", choices=BENCHMARKS, help="; ".join(f"{k}: {v}" for k, v in BENCHMARKS.items()))
    if len(sys.argv) < 2 or sys.argv[1] not in BENCHMARKS:
        parser.parse_args()  # explains, and ends here
    name = sys.argv[1]
    with throwaway_installation():
        module = import_module(f"benchmarks.{name}")
        module.add_arguments(parser)
        options = parser.parse_args()
        figures: list[Any] = module.run(options)
    getattr(module, "show", show)(BENCHMARKS[name], figures)
    print(keep(name, vars(options), figures))


def show(title: str, figures: Sequence[Figure]) -> None:
    table = Table(title=title)
    table.add_column("what")
    for column in ("p50 ms", "p99 ms", "per second", "predecessor claims, ms"):
        table.add_column(column, justify="right")
    for line in figures:
        table.add_row(line.what, f"{line.p50:.3f}", f"{line.p99:.3f}", f"{line.per_second:,.0f}", line.claim)
    Console().print(table)


def keep(name: str, options: dict[str, Any], figures: Sequence[Any]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    report = {
        "benchmark": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cpus": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "options": options,
        "figures": [asdict(line) for line in figures],
    }
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False, default=str) + "\n")
    return path


if __name__ == "__main__":
    main()
