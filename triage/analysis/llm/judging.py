"""A model decides between analyses that disagree on the category."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from triage.analysis.base import Facts, Finding, Scored
from triage.analysis.llm import prompts, shapes
from triage.analysis.llm.analyzer import QUOTE_IT
from triage.analysis.llm.configuration import model_names
from triage.analysis.llm.errors import ModelFailed
from triage.analysis.llm.quotations import evidence_of
from triage.breaker import Postponed

if TYPE_CHECKING:
    from triage.analysis.llm.calls import Build


def judge(facts: Facts, findings: Sequence[Finding], *, build: Build | None = None) -> Finding | None:
    """The category, of those that the findings put first, for which the words speak, with quotations.

    None when no model is configured or nothing is disputed. The models are asked in their order until one answers;
    raises what the last one failed with (ModelFailed or Postponed). Only `categories` and `cost` of the finding mean
    anything; red flags and factors are for whoever joins the findings.
    """
    best = {finding.categories[0].id for finding in findings if finding.categories}
    proposed = [category.id for category in facts.flow.categories if category.id in best]
    if len(proposed) < 2:
        return None
    failed: ModelFailed | Postponed | None = None
    for name in model_names():
        try:
            return _judged(name, facts, proposed, build)
        except (ModelFailed, Postponed) as error:
            failed = error
    if failed is not None:
        raise failed
    return None


def _judged(name: str, facts: Facts, proposed: Sequence[str], build: Build | None) -> Finding:
    from triage.analysis.llm import calls

    source = f"judge:{name}"
    answered = calls.ask(
        name,
        instructions=prompts.judging(facts.flow, facts.language, proposed),
        prompt=prompts.case_data(facts),
        shape=shapes.choice_among(proposed),
        problem=lambda choice: None if evidence_of(facts, choice.quotations, source) else QUOTE_IT,
        build=build,
    )
    choice = answered.output
    chosen = Scored(choice.category, choice.confidence, evidence_of(facts, choice.quotations, source))
    return Finding(source, (chosen,), (), (), "neutral", (), cost=answered.cost)
