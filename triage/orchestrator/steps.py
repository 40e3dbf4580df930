"""What a run consists of: small named steps, each a function of the facts and of what the steps before it brought."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any

from triage.analysis import strategies
from triage.analysis.assess import assess
from triage.analysis.base import Facts, Finding
from triage.analysis.codecs import ASSESSMENT, VERDICT
from triage.analysis.result import compose
from triage.flows.schema import Strategy
from triage.orchestrator.analysts import analysts_for

Outputs = dict[str, Any]
Step = Callable[[Facts, Outputs], Any]


def _understand(facts: Facts, _done: Outputs) -> Any:
    """By the strategy that the flow has for cases of this complexity."""
    analysts = analysts_for(facts)
    begun = time.monotonic()
    own = analysts.rules.analyse(facts)
    stage = strategies.stage_of(own, begun)
    verdict = strategies.analyse(facts, analysts, strategy_for(facts, own), own, stage)
    return VERDICT.dump_python(verdict, mode="json")


def strategy_for(facts: Facts, own: Finding) -> Strategy:
    return facts.flow.analysis.strategies[assess(facts, own).level]


def _assess(facts: Facts, done: Outputs) -> Any:
    verdict = VERDICT.validate_python(done["understand"])
    return ASSESSMENT.dump_python(assess(facts, verdict.finding), mode="json")


def _compose(facts: Facts, done: Outputs) -> Any:
    verdict = VERDICT.validate_python(done["understand"])
    return compose(facts, verdict, ASSESSMENT.validate_python(done["assess"]))


STEPS: dict[str, Step] = {"understand": _understand, "assess": _assess, "compose": _compose}


def first_missing(finished: Collection[str]) -> str:
    """The step at which a run goes on; "deliver" when only the result is still to be handed over."""
    return next((name for name in STEPS if name not in finished), "deliver")
