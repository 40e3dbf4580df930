"""Figures from lists of what was true and what was said. Pure; all shares lie between 0 and 1.

Every function wants at least one case (ValueError): a figure of nothing is no figure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

BINS = 15


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `n`, with the 95 % interval of Wilson (1927), which holds for few cases and near 0 and 1 too."""

    part: int
    n: int

    @property
    def value(self) -> float:
        return self.part / self.n

    @property
    def interval(self) -> tuple[float, float]:
        z2 = 1.96**2
        middle = (self.value + z2 / (2 * self.n)) / (1 + z2 / self.n)
        half = math.sqrt(z2 * self.value * (1 - self.value) / self.n + (z2 / (2 * self.n)) ** 2) / (1 + z2 / self.n)
        return max(0.0, middle - half), min(1.0, middle + half)


def share(hits: Sequence[bool]) -> Share:
    _some(hits)
    return Share(sum(hits), len(hits))


def accuracy(truth: Sequence[str], said: Sequence[str]) -> Share:
    return share([one == other for one, other in zip(truth, said, strict=True)])


@dataclass(frozen=True, slots=True)
class PerLabel:
    """`precision`: how many of the cases called so are so; `recall`: how many of those that are so are called so."""

    label: str
    n: int
    precision: float
    recall: float
    f1: float


def per_label(truth: Sequence[str], said: Sequence[str]) -> list[PerLabel]:
    """Every label that is true or said of any case, by name."""
    _some(truth)
    meant, called = Counter(truth), Counter(said)
    hit = Counter(one for one, other in zip(truth, said, strict=True) if one == other)
    return [
        PerLabel(
            label,
            n=meant[label],
            precision=hit[label] / called[label] if called[label] else 0.0,
            recall=hit[label] / meant[label] if meant[label] else 0.0,
            f1=2 * hit[label] / (meant[label] + called[label]),
        )
        for label in sorted(meant | called)
    ]


def macro_f1(truth: Sequence[str], said: Sequence[str]) -> float:
    """The mean F1 of all labels, each counting alike however rare (as scikit-learn's `average="macro"`)."""
    labels = per_label(truth, said)
    return sum(label.f1 for label in labels) / len(labels)


def confusion(truth: Sequence[str], said: Sequence[str]) -> Counter[tuple[str, str]]:
    """How often which truth (first) was called what (second)."""
    _some(truth)
    return Counter(zip(truth, said, strict=True))


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases whose confidence lies above `low` and not above `high`: their mean confidence, and how many were right."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = BINS) -> list[Bin]:
    """Equal-width bins, those without a case left out. A confidence of 0 belongs to the first."""
    pairs = _sorted(confidences, right)
    grouped = groupby(pairs, key=lambda pair: max(0, math.ceil(round(pair[0] * bins, 9)) - 1))
    return [_bin(list(members), place / bins, (place + 1) / bins) for place, members in grouped]


def ece(confidences: Sequence[float], right: Sequence[bool], bins: int = BINS) -> float:
    """The expected calibration error: how far confidence and accuracy lie apart, in the mean over all cases.

    Guo, Pleiss, Sun, Weinberger (2017), On Calibration of Modern Neural Networks, equation 3: equal-width bins of the
    confidence in the label that was said, each weighing as many cases as it has. With few cases it is never near 0,
    whoever is calibrated: chance alone moves the accuracy of a bin.
    """
    return _apart(reliability(confidences, right, bins))


def adaptive_ece(confidences: Sequence[float], right: Sequence[bool], bins: int = BINS) -> float:
    """As `ece`, over bins of equally many cases (Nguyen and O'Connor 2015), so that none hangs on a handful."""
    pairs = _sorted(confidences, right)
    count = min(bins, len(pairs))
    cuts = [round(len(pairs) * place / count) for place in range(count + 1)]
    return _apart([_bin(pairs[one:other], 0, 1) for one, other in pairwise(cuts)])


def _sorted(confidences: Sequence[float], right: Sequence[bool]) -> list[tuple[float, bool]]:
    _some(confidences)
    if not all(0 <= confidence <= 1 for confidence in confidences):
        raise ValueError("a confidence lies between 0 and 1")
    return sorted(zip(confidences, right, strict=True))


def _bin(pairs: Sequence[tuple[float, bool]], low: float, high: float) -> Bin:
    n = len(pairs)
    return Bin(low, high, n, sum(pair[0] for pair in pairs) / n, sum(pair[1] for pair in pairs) / n)


def _apart(bins: Sequence[Bin]) -> float:
    return sum(one.n * abs(one.confidence - one.accuracy) for one in bins) / sum(one.n for one in bins)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of cases at or above `cutoff`, and how many of them are right; both None where no share is."""

    wanted: float
    share: float
    cutoff: float | None
    accuracy: float | None


def coverage(confidences: Sequence[float], right: Sequence[bool], wanted: float) -> Coverage:
    """The most cases that may be left to themselves while `wanted` of them are right.

    The cut-off is looked for in the very cases that it is measured by, so it flatters a little where they are few.
    """
    best, taken, hits = Coverage(wanted, 0.0, None, None), 0, 0
    pairs = _sorted(confidences, right)
    for confidence, alike in groupby(reversed(pairs), key=lambda pair: pair[0]):  # equals stay together
        members = list(alike)
        taken, hits = taken + len(members), hits + sum(pair[1] for pair in members)
        if hits / taken >= wanted:
            best = Coverage(wanted, taken / len(pairs), confidence, hits / taken)
    return best


@dataclass(frozen=True, slots=True)
class Scope:
    """`recall`: of what is no case, the share that was seen as none; `false_alarms`: of cases, the share sent away."""

    recall: Share
    false_alarms: Share


def scope(of_cases: Sequence[float], of_others: Sequence[float], cutoff: float = 0.5) -> Scope:
    """From the probabilities of being in scope; below `cutoff` something counts as no case."""
    return Scope(
        recall=share([probability < cutoff for probability in of_others]),
        false_alarms=share([probability < cutoff for probability in of_cases]),
    )


DEFAULT_COSTS: Mapping[str, float] = {"undertriage": 5.0, "overtriage": 1.0}
"""What one level too low and one too high cost.

Whoever is taken too lightly is harmed; whoever is taken too seriously costs somebody's time. Emergency medicine
has the same asymmetry: the American College of Surgeons' Committee on Trauma tolerates about 5 % undertriage and,
for its sake, 25 to 50 % overtriage (Resources for Optimal Care of the Injured Patient), which values the one five
times the other at least. An office that knows its own costs should say so.
"""


@dataclass(frozen=True, slots=True)
class Triage:
    """`cost`: of all cases in the mean; a mistake of two levels counts twice."""

    under: Share
    over: Share
    cost: float


def triage(
    truth: Sequence[str], said: Sequence[str], levels: Sequence[str], costs: Mapping[str, float] = DEFAULT_COSTS
) -> Triage:
    """`levels` from the least to the most serious one."""
    _some(truth)
    steps = [levels.index(other) - levels.index(one) for one, other in zip(truth, said, strict=True)]
    cost = sum(-step * costs["undertriage"] if step < 0 else step * costs["overtriage"] for step in steps)
    return Triage(share([step < 0 for step in steps]), share([step > 0 for step in steps]), cost / len(steps))


def by_group(groups: Sequence[str], right: Sequence[bool]) -> dict[str, Share]:
    """The accuracy of each group, such as a language, by name."""
    return {
        group: share([hit for one, hit in zip(groups, right, strict=True) if one == group])
        for group in sorted(set(groups))
    }


def gap(shares: Mapping[str, Share]) -> float:
    """How far the best group is ahead of the worst."""
    values = [one.value for one in shares.values()]
    _some(values)
    return max(values) - min(values)


def percentile(measured: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile."""
    _some(measured)
    return sorted(measured)[max(0, math.ceil(len(measured) * percent / 100) - 1)]


def _some(items: Sequence[object]) -> None:
    if not items:
        raise ValueError("there is nothing to measure")
