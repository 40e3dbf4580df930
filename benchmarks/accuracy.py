"""BANKING77 by the flows' own classifier: all of its training cases, and ten of each category."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone
from rich.console import Console
from rich.table import Table

from triage.evaluation.cases import Case
from triage.evaluation.datafile import Allowed, Columns, read_cases
from triage.evaluation.evaluating import Inquiry, evaluate
from triage.evaluation.learning import ClassifierTrainer
from triage.evaluation.planning import Dealing

SHOTS: dict[str, int | None] = {"full": None, "10": 10}
# The best of Casanueva et al. 2020 (arXiv 2003.04807, table 3): BERT, all of it trained, and USE joined with ConveRT.
PUBLISHED = {"full": 0.9366, "10": 0.8519}
MISSING = (
    "There is no {path}: skipped. BANKING77 is at github.com/PolyAI-LDN/task-specific-datasets, folder banking_data."
)


@dataclass(frozen=True)
class Figure:
    """Shares between 0 and 1, means over the rounds; `learning_seconds` of the slowest round."""

    what: str
    learnt: int
    asked: int
    accuracy: float
    least: float
    most: float
    macro_f1: float
    ece: float
    ms_p50: float
    learning_seconds: float
    published: float


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="with train.csv and test.csv")
    parser.add_argument("--part", default="full,10", help="full, 10 or both (default)")
    parser.add_argument("--rounds", type=int, default=3, help="of ten shots, each with other cases")
    parser.add_argument("--seed", type=int, default=0)


def run(options: Namespace) -> list[Figure]:
    train, test = (_cases(options.data / name) for name in ("train.csv", "test.csv"))
    trainer = ClassifierTrainer()
    return [_figure(part, train, test, options, trainer) for part in options.part.split(",")]


def _cases(path: Path) -> list[Case]:
    if not path.exists():
        raise SystemExit(MISSING.format(path=path))
    return read_cases(path, Columns(), Allowed())[0]


def _figure(
    part: str, train: Sequence[Case], test: Sequence[Case], options: Namespace, trainer: ClassifierTrainer
) -> Figure:
    if part not in SHOTS:
        raise SystemExit(f"--part is full, 10 or both, not {part}.")
    shots = SHOTS[part]
    dealing = Dealing(shots=shots, seed=options.seed, repeats=options.rounds if shots else 1)
    inquiry = Inquiry(None, timezone.now(), cases=train, tests=test, dealing=dealing)
    report = evaluate(inquiry, trainer, lambda percent, what: print(f"{part}, {percent} %: {what}", flush=True))
    figures = report.approaches[-1].parts[-1]
    rounds = [one.accuracy for one in figures.rounds]
    return Figure(
        what="all training cases" if shots is None else f"{shots} of each category",
        learnt=figures.learnt,
        asked=figures.n,
        accuracy=figures.accuracy,
        least=min(rounds),
        most=max(rounds),
        macro_f1=figures.macro_f1,
        ece=figures.ece,
        ms_p50=figures.ms_p50,
        learning_seconds=figures.learning_seconds,
        published=PUBLISHED[part],
    )


def show(title: str, figures: Sequence[Figure]) -> None:
    table = Table(title=title)
    table.add_column("learnt")
    for column in ("cases", "right", "rounds", "macro-F1", "ECE", "p50 ms", "learning s", "published"):
        table.add_column(column, justify="right")
    for one in figures:
        table.add_row(
            one.what,
            str(one.learnt),
            f"{one.accuracy:.2%}",
            f"{one.least:.2%}–{one.most:.2%}",
            f"{one.macro_f1:.2%}",
            f"{one.ece:.3f}",
            f"{one.ms_p50:.1f}",
            f"{one.learning_seconds:.1f}",
            f"{one.published:.2%}",
        )
    Console().print(table)
