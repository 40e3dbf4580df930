"""From what was answered to the figures of a report, all of them plain data for JSON."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from triage.evaluation import metrics
from triage.evaluation.alarms import Alarms
from triage.evaluation.metrics import Bin, Coverage, PerLabel, Scope, Share, Triage
from triage.evaluation.trial import Judged, Kind, Outcome


@dataclass(frozen=True, slots=True)
class Round:
    accuracy: float
    macro_f1: float
    ece: float


@dataclass(frozen=True, slots=True)
class Confused:
    truth: str
    said: str
    n: int


@dataclass(frozen=True, slots=True)
class Figures:
    """`n`: cases asked in each round; `learnt`: those learnt from, in the last deal.

    `accuracy`, `right`, the languages, `macro_f1`, `ece` and `adaptive_ece` are means over the rounds: asking the same
    cases again makes nothing surer. Bins, coverage, scope, categories and confusions count all rounds together.
    """

    kind: Kind
    n: int
    learnt: int
    categories: int
    accuracy: float
    right: Share
    macro_f1: float
    ece: float
    adaptive_ece: float
    rounds: Sequence[Round]
    bins: Sequence[Bin]
    coverage: Sequence[Coverage]
    languages: Mapping[str, Share]
    language_gap: float | None
    scope: Scope | None
    per_category: Sequence[PerLabel]
    confusions: Sequence[Confused]
    ms_p50: float
    ms_p95: float
    learning_seconds: float


@dataclass(frozen=True, slots=True)
class Approached:
    """One approach, in every way that it was measured."""

    name: str
    calibrated: bool
    parts: Sequence[Figures]


@dataclass(frozen=True, slots=True)
class Report:
    """`about`: what was measured, in words for people. The last approach is the one that counts."""

    at: str
    about: Mapping[str, str]
    approaches: Sequence[Approached]
    costs: Mapping[str, float]
    levels: Mapping[str, Triage] = field(default_factory=dict)
    alarms: Alarms | None = None
    warnings: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = _with_shares(self, asdict(self))
        return plain


def figures_of(outcome: Outcome, wanted: Sequence[float], scope_cutoff: float) -> Figures:
    rounds = [_round(judged) for judged in outcome.rounds]
    everything = [one for judged in outcome.rounds for one in judged]
    confidences, right = _answers(everything)
    truth, said = _labels(everything)
    languages = _languages(everything, len(rounds))
    return Figures(
        kind=outcome.kind,
        n=len(outcome.rounds[0]),
        learnt=outcome.learnt,
        categories=len(set(truth)),
        accuracy=statistics.mean(one.accuracy for one in rounds),
        right=_mean(metrics.share(right), len(rounds)),
        macro_f1=statistics.mean(one.macro_f1 for one in rounds),
        ece=statistics.mean(one.ece for one in rounds),
        adaptive_ece=statistics.mean(metrics.adaptive_ece(*_answers(judged)) for judged in outcome.rounds),
        rounds=rounds,
        bins=metrics.reliability(confidences, right),
        coverage=[metrics.coverage(confidences, right, one) for one in wanted],
        languages=languages,
        language_gap=metrics.gap(languages) if len(languages) > 1 else None,
        scope=_scope(everything, outcome.strangers, scope_cutoff),
        per_category=metrics.per_label(truth, said),
        confusions=_confusions(truth, said),
        ms_p50=metrics.percentile(outcome.milliseconds, 50),
        ms_p95=metrics.percentile(outcome.milliseconds, 95),
        learning_seconds=max(outcome.learning_seconds),
    )


def _round(judged: Sequence[Judged]) -> Round:
    truth, said = _labels(judged)
    return Round(metrics.accuracy(truth, said).value, metrics.macro_f1(truth, said), metrics.ece(*_answers(judged)))


def _labels(judged: Sequence[Judged]) -> tuple[list[str], list[str]]:
    return [one.case.label for one in judged], [one.opinion.label for one in judged]


def _answers(judged: Sequence[Judged]) -> tuple[list[float], list[bool]]:
    return [one.opinion.confidence for one in judged], [one.right for one in judged]


def _languages(judged: Sequence[Judged], rounds: int) -> dict[str, Share]:
    known = [one for one in judged if one.case.language]
    shares = metrics.by_group([one.case.language or "" for one in known], [one.right for one in known])
    return {language: _mean(share, rounds) for language, share in shares.items()}


def _mean(share: Share, rounds: int) -> Share:
    return Share(round(share.part / rounds), max(1, round(share.n / rounds)))


def _scope(judged: Sequence[Judged], strangers: Sequence[Judged], cutoff: float) -> Scope | None:
    """None where there are no strangers, or nobody who could tell them."""
    of_cases = [one.opinion.in_scope for one in judged if one.opinion.in_scope is not None]
    of_others = [one.opinion.in_scope for one in strangers if one.opinion.in_scope is not None]
    return metrics.scope(of_cases, of_others, cutoff) if of_cases and of_others else None


def _confusions(truth: Sequence[str], said: Sequence[str]) -> list[Confused]:
    """Every kind of mistake, the one made most first."""
    counts = metrics.confusion(truth, said)
    mistakes = [Confused(*pair, n) for pair, n in counts.items() if pair[0] != pair[1]]
    return sorted(mistakes, key=lambda one: (-one.n, one.truth, one.said))


def _with_shares(value: Any, plain: Any) -> Any:
    """`plain` is `value` as JSON; shares say their value and interval too."""
    if isinstance(value, Share):
        return {**plain, "value": value.value, "interval": value.interval}
    if isinstance(value, Mapping):
        return {key: _with_shares(one, plain[key]) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_with_shares(one, other) for one, other in zip(value, plain, strict=True)]
    if hasattr(value, "__dataclass_fields__"):
        return {key: _with_shares(getattr(value, key), one) for key, one in plain.items()}
    return plain
