"""What a report has to reach, for who builds a flow and wants to be stopped when it gets worse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from triage.evaluation.figures import Figures, Report

NAMES = {
    "least_accuracy": "the accuracy",
    "least_macro_f1": "macro-F1",
    "least_coverage": "the coverage at the first --wanted accuracy",
    "least_scope_recall": "the share of strangers that is seen",
    "most_ece": "the error of the confidence",
    "most_gap": "the gap between the languages",
    "most_false_alarms": "the share of harmless phrasings that raise an alarm",
    "most_missed": "the share of dangerous phrasings that is missed",
}
Reader = Callable[[Figures], float | None]
_OF_PARTS: Mapping[str, Reader] = {
    "least_accuracy": lambda figures: figures.accuracy,
    "least_macro_f1": lambda figures: figures.macro_f1,
    "least_coverage": lambda figures: figures.coverage[0].share,
    "least_scope_recall": lambda figures: figures.scope.recall.value if figures.scope else None,
    "most_ece": lambda figures: figures.ece,
    "most_gap": lambda figures: figures.language_gap,
}


@dataclass(frozen=True, slots=True)
class Shortfall:
    """`found` None: the report has no such figure, which is no better than a bad one."""

    limit: str
    wanted: float
    found: float | None

    def __str__(self) -> str:
        if self.found is None:
            return f"{NAMES[self.limit]} was wanted, but not measured"
        word = "below" if self.limit.startswith("least") else "above"
        return f"{NAMES[self.limit]} is {self.found:.4f}, {word} {self.wanted:g}"


def shortfalls(report: Report, limits: Mapping[str, float]) -> list[Shortfall]:
    """Of the last approach, in every way it was measured after it had learnt."""
    found = []
    for limit, wanted in limits.items():
        values = [value for value in _values(report, limit) if value is not None]
        if not values:
            found.append(Shortfall(limit, wanted, None))
        found += [Shortfall(limit, wanted, value) for value in values if _misses(limit, value, wanted)]
    return found


def _values(report: Report, limit: str) -> list[float | None]:
    alarms = report.alarms
    if limit == "most_false_alarms":
        return [alarms.false_alarms.value if alarms and alarms.false_alarms else None]
    if limit == "most_missed":
        return [1 - alarms.recall.value if alarms and alarms.recall else None]
    parts = report.approaches[-1].parts
    return [_OF_PARTS[limit](part) for part in parts if part.kind != "own_cases"]


def _misses(limit: str, value: float, wanted: float) -> bool:
    return value < wanted if limit.startswith("least") else value > wanted
