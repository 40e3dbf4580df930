"""Who is measured: the rules alone, a classifier that learnt from examples, or both as an interview joins them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from triage.analysis.base import Facts, Scored, Utterance
from triage.analysis.semantic.classifier import Prediction
from triage.analysis.semantic.joining import informed
from triage.evaluation.cases import Case
from triage.evaluation.hearing import Ear


class Learned(Protocol):
    def predict(self, texts: Sequence[str]) -> list[Prediction]: ...


class Trainer(Protocol):
    """Learns from texts and their categories, and from what is no case."""

    def __call__(self, texts: Sequence[str], labels: Sequence[str], *, out_of_scope: Sequence[str] = ()) -> Learned: ...


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
    trainer: Trainer
    name: str = "semantic"
    calibrated: bool = True

    def learn(self, cases: Sequence[Case], strangers: Sequence[Case]) -> Judge:
        return _Pupil(_taught(self.trainer, cases, strangers))


@dataclass(frozen=True, slots=True)
class ByBoth:
    """As an interview hears its first message."""

    trainer: Trainer
    ear: Ear
    name: str = "joined"
    calibrated: bool = False

    def learn(self, cases: Sequence[Case], strangers: Sequence[Case]) -> Judge:
        return _Interviewer(_taught(self.trainer, cases, strangers), self.ear)


def _taught(trainer: Trainer, cases: Sequence[Case], strangers: Sequence[Case]) -> Learned:
    outside = [case.text for case in strangers]
    return trainer([case.text for case in cases], [case.label for case in cases], out_of_scope=outside)


@dataclass(frozen=True, slots=True)
class _Pupil:
    learned: Learned

    def judge(self, cases: Sequence[Case]) -> list[Opinion]:
        return [_opinion(prediction) for prediction in self.learned.predict([case.text for case in cases])]


@dataclass(frozen=True, slots=True)
class _Interviewer:
    learned: Learned
    ear: Ear

    def judge(self, cases: Sequence[Case]) -> list[Opinion]:
        texts = [case.text for case in cases]
        known = dict(zip(texts, self.learned.predict(texts), strict=True))
        return ByRules(replace(self.ear, insight=_Predicted(known))).judge(cases)


@dataclass(frozen=True, slots=True)
class _Predicted:
    """What was learnt of these texts, all predicted at once; nobody listens for danger here."""

    known: Mapping[str, Prediction]

    def categories(self, facts: Facts, by_rules: tuple[Scored, ...]) -> tuple[Scored, ...]:
        return informed(facts, by_rules, lambda texts: [self.known[text] for text in texts])

    def alarms(self, facts: Facts, said: Utterance) -> None:
        return None


def _opinion(prediction: Prediction) -> Opinion:
    best = max(prediction.probabilities, key=lambda label: prediction.probabilities[label])
    # Sums of probabilities may exceed 1 by what floats cannot hold.
    return Opinion(best, min(1.0, prediction.probabilities[best]), prediction.in_scope)
