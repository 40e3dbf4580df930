"""Who is measured: the rules alone, a classifier that learnt from examples, or one that hears the rules as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from triage.evaluation.cases import Case
from triage.evaluation.hearing import Ear


class Prediction(Protocol):
    """`probabilities` by category; `in_scope`: that it is a case at all."""

    @property
    def probabilities(self) -> Mapping[str, float]: ...
    @property
    def in_scope(self) -> float: ...


class Learned(Protocol):
    def predict(
        self, texts: Sequence[str], *, rules: Sequence[Mapping[str, float]] | None = None
    ) -> Sequence[Prediction]: ...


class Trainer(Protocol):
    """Learns from texts and their categories, what the rules gave each category for each, and what is no case."""

    def __call__(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        rules: Sequence[Mapping[str, float]] | None = None,
        out_of_scope: Sequence[str] = (),
    ) -> Learned: ...


@dataclass(frozen=True, slots=True)
class Opinion:
    """`in_scope` None: cannot tell."""

    label: str
    confidence: float
    in_scope: float | None = None


class Judge(Protocol):
    def judge(self, cases: Sequence[Case]) -> list[Opinion]: ...


class Approach(Protocol):
    """`calibrated`: its confidence claims to be a probability."""

    @property
    def name(self) -> str: ...
    @property
    def calibrated(self) -> bool: ...
    def learn(self, cases: Sequence[Case], strangers: Sequence[Case]) -> Judge: ...


@dataclass(frozen=True, slots=True)
class ByRules:
    """Learns nothing: the flow's author has."""

    ear: Ear
    name: str = "rules"
    calibrated: bool = False

    def learn(self, cases: Sequence[Case], strangers: Sequence[Case]) -> Judge:
        return self

    def judge(self, cases: Sequence[Case]) -> list[Opinion]:
        return [self._opinion(case) for case in cases]

    def _opinion(self, case: Case) -> Opinion:
        ranked = self.ear.finding(case).categories
        return Opinion(ranked[0].id, ranked[0].score) if ranked else Opinion(self.ear.flow.fallback_category, 0.0)


@dataclass(frozen=True, slots=True)
class ByLearning:
    """`ear`: whose rules the classifier hears beside the words; None: the words alone."""

    trainer: Trainer
    ear: Ear | None = None
    name: str = "semantic"
    calibrated: bool = True

    def learn(self, cases: Sequence[Case], strangers: Sequence[Case]) -> Judge:
        texts, labels = [case.text for case in cases], [case.label for case in cases]
        outside = [case.text for case in strangers]
        return _Pupil(self.trainer(texts, labels, rules=_scores(self.ear, cases), out_of_scope=outside), self.ear)


@dataclass(frozen=True, slots=True)
class _Pupil:
    learned: Learned
    ear: Ear | None

    def judge(self, cases: Sequence[Case]) -> list[Opinion]:
        predictions = self.learned.predict([case.text for case in cases], rules=_scores(self.ear, cases))
        return [_opinion(prediction) for prediction in predictions]


def _opinion(prediction: Prediction) -> Opinion:
    best = max(prediction.probabilities, key=lambda label: prediction.probabilities[label])
    # Sums of probabilities may exceed 1 by what floats cannot hold.
    return Opinion(best, min(1.0, prediction.probabilities[best]), prediction.in_scope)


def _scores(ear: Ear | None, cases: Sequence[Case]) -> list[dict[str, float]] | None:
    return None if ear is None else [ear.scores(case) for case in cases]
