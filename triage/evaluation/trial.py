"""Trials: who learns from what and is asked about what, and what they answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import uuid4

from triage.evaluation.cases import Case, Deal, without
from triage.evaluation.judging import Approach, Judge, Opinion

TIMED = 100
"""So many cases are judged one at a time once more, as in an interview, to take the time."""

Kind = Literal["cross_validated", "held_out", "test", "shots", "own_cases"]
Watch = Callable[[str], None]
"""Is told of every deal that is about to begin."""


@dataclass(frozen=True, slots=True)
class Part:
    """One way to measure. Each round asks all cases once; several rounds deal anew."""

    kind: Kind
    rounds: Sequence[Sequence[Deal]]

    @property
    def deals(self) -> int:
        return sum(map(len, self.rounds))


@dataclass(frozen=True, slots=True)
class Judged:
    case: Case
    opinion: Opinion

    @property
    def right(self) -> bool:
        return self.case.label == self.opinion.label


@dataclass(slots=True)
class Outcome:
    """`rounds`: what was said of every case; `strangers`: of what is no case; times in milliseconds and seconds."""

    kind: Kind
    rounds: list[list[Judged]] = field(default_factory=list)
    strangers: list[Judged] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    learning_seconds: list[float] = field(default_factory=list)
    learnt: int = 0


def carry_out(approach: Approach, part: Part, strangers: Sequence[Case], watch: Watch) -> Outcome:
    """Strangers are dealt as the cases are: those that a judge is asked about, it has not learnt.

    Where there is one judge alone, it learns all of them and is asked none.
    """
    outcome = Outcome(part.kind)
    for number, deals in enumerate(part.rounds):
        judged: list[Judged] = []
        for place, deal in enumerate(deals):
            watch(f"{approach.name}: learns from {len(deal.learnt)}, is asked {len(deal.asked)}")
            unknown = strangers[place :: len(deals)] if len(deals) > 1 else ()
            judge = _learnt(approach, deal, without(strangers, unknown), outcome)
            judged += _asked(judge, deal.asked)
            if number == 0:
                outcome.strangers += _asked(judge, unknown)
        outcome.rounds.append(judged)
        if number == 0:
            outcome.milliseconds = _timed(judge, deal.asked)
    return outcome


def _learnt(approach: Approach, deal: Deal, strangers: Sequence[Case], outcome: Outcome) -> Judge:
    began = time.perf_counter()
    judge = approach.learn(deal.learnt, strangers)
    outcome.learning_seconds.append(time.perf_counter() - began)
    outcome.learnt = len(deal.learnt)
    return judge


def _asked(judge: Judge, cases: Sequence[Case]) -> list[Judged]:
    opinions = judge.judge(cases) if cases else []
    return [Judged(case, opinion) for case, opinion in zip(cases, opinions, strict=True)]


def _timed(judge: Judge, cases: Sequence[Case]) -> list[float]:
    """Of sentences with a mark that was never used before, so that no cache knows them."""
    measured = []
    for case in cases[:TIMED]:
        fresh = replace(case, text=f"{case.text} {uuid4().hex[:6]}")
        began = time.perf_counter()
        judge.judge([fresh])
        measured.append((time.perf_counter() - began) * 1000)
    return measured
