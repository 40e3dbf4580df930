"""One evaluation, from what was asked to its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from triage.evaluation.alarms import Phrasing, hear_alarms, levels_of
from triage.evaluation.cases import Case, cases_in, strangers_in
from triage.evaluation.figures import Approached, Report, figures_of
from triage.evaluation.hearing import Ear
from triage.evaluation.judging import Approach, ByBoth, ByLearning, ByRules, Trainer
from triage.evaluation.metrics import DEFAULT_COSTS
from triage.evaluation.planning import Dealing, doubts, parts_of_cases, parts_of_flow
from triage.evaluation.trial import Part, carry_out
from triage.flows.schema import Flow

Who = Literal["rules", "learnt", "all"]
SCOPE_CUTOFF = 0.5


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is to be measured. There is a flow, or there are past cases, or both."""

    flow: Flow | None
    now: datetime
    cases: Sequence[Case] = ()
    tests: Sequence[Case] = ()
    phrasings: Sequence[Phrasing] = ()
    dealing: Dealing = field(default_factory=Dealing)
    who: Who = "learnt"
    wanted: Sequence[float] = ()
    costs: Mapping[str, float] = field(default_factory=lambda: DEFAULT_COSTS)
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def ear(self) -> Ear | None:
        return Ear(self.flow, self.now) if self.flow else None

    @property
    def accuracies(self) -> Sequence[float]:
        """At which coverage is told: as wanted, else as the flow says."""
        if self.wanted:
            return self.wanted
        return (self.flow.analysis.accuracy, self.flow.analysis.act_accuracy) if self.flow else (0.9, 0.95)


Watch = Callable[[int, str], None]
"""Percent done, and what is done now."""


def evaluate(inquiry: Inquiry, trainer: Trainer, watch: Watch) -> Report:
    """Raises InvalidInput where there is nothing to learn from or to be measured by."""
    ear, parts = inquiry.ear, _parts(inquiry)
    approaches = _approaches(inquiry.who, trainer, ear)
    strangers = strangers_in(inquiry.flow) if inquiry.flow else []
    steps = _Steps(len(approaches) * sum(part.deals for part in parts), watch)
    approached = [_measured(one, parts, strangers, inquiry, steps) for one in approaches]
    known_levels = [*inquiry.cases, *inquiry.tests]
    return Report(
        at=inquiry.now.isoformat(timespec="seconds"),
        about=inquiry.about,
        approaches=approached,
        costs=inquiry.costs,
        levels=levels_of(ear, known_levels, inquiry.costs) if ear else {},
        alarms=hear_alarms(ear.attentive(), inquiry.phrasings) if ear and inquiry.phrasings else None,
        warnings=doubts(inquiry.cases, inquiry.tests),
    )


def _parts(inquiry: Inquiry) -> list[Part]:
    if not inquiry.cases:
        assert inquiry.flow is not None
        return parts_of_flow(inquiry.flow, inquiry.dealing)
    known = cases_in(inquiry.flow.examples) if inquiry.flow else []
    return parts_of_cases(inquiry.cases, inquiry.tests, known, inquiry.dealing)


def _approaches(who: Who, trainer: Trainer, ear: Ear | None) -> list[Approach]:
    """The last is the one that a flow uses."""
    if ear is None:
        return [ByLearning(trainer)]
    match who:
        case "rules":
            return [ByRules(ear)]
        case "all":
            return [ByRules(ear), ByBoth(trainer, ear), ByLearning(trainer)]
        case _:
            return [ByLearning(trainer)]


def _measured(
    approach: Approach, parts: Sequence[Part], strangers: Sequence[Case], inquiry: Inquiry, steps: _Steps
) -> Approached:
    outcomes = [carry_out(approach, part, strangers, steps.begin) for part in parts]
    figures = [figures_of(outcome, inquiry.accuracies, SCOPE_CUTOFF) for outcome in outcomes]
    return Approached(approach.name, approach.calibrated, figures)


class _Steps:
    def __init__(self, whole: int, watch: Watch) -> None:
        self._whole, self._watch, self._begun = whole, watch, 0

    def begin(self, what: str) -> None:
        self._watch(100 * self._begun // self._whole, what)
        self._begun += 1
