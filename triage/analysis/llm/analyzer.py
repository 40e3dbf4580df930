"""The analyzer that asks a language model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from triage.analysis.base import Evidence, Facts, Finding, Scored
from triage.analysis.llm import prompts, shapes
from triage.analysis.llm.configuration import model_names
from triage.analysis.llm.quotations import evidence_of

if TYPE_CHECKING:
    from triage.analysis.llm.calls import Build

QUOTE_IT = "No quotation occurs in the messages. Copy each one character by character from the text of a message."


class LanguageModelAnalyzer:
    """`name` is `llm:<provider>:<model>`.

    A finding holds nothing but the flow's ids and words that were said: what else a model claims is dropped, and
    a category for which it can quote nobody is no answer. Its confidence is its own opinion, which nothing has
    calibrated. That it names no red flag means nothing: strategies join red flags, and none is taken away.
    """

    def __init__(self, model_name: str, *, build: Build | None = None) -> None:
        """`build` makes another model than the name says."""
        self.model_name = model_name
        self.name = f"llm:{model_name}"
        self._build = build

    def analyse(self, facts: Facts) -> Finding:
        """Raises ModelUnavailable, ModelUnusable, or Postponed when the model must not be asked now."""
        from triage.analysis.llm import calls

        source = f"model:{self.model_name}"
        answered = calls.ask(
            self.model_name,
            instructions=prompts.assessing(facts.flow, facts.language),
            prompt=prompts.case_data(facts),
            shape=shapes.answer_for(facts.flow),
            problem=lambda answer: None if evidence_of(facts, answer.quotations, source) else QUOTE_IT,
            build=self._build,
        )
        answer = answered.output
        weights = {factor.id: factor.weight for factor in facts.flow.factors}
        keywords = [found.text for found in evidence_of(facts, answer.keywords, source)]
        return Finding(
            analyzer=self.name,
            categories=(Scored(answer.category, answer.confidence, evidence_of(facts, answer.quotations, source)),),
            factors=_proven(facts, answer.factors, source, weights),
            red_flags=_proven(facts, answer.red_flags, source, {}),
            sentiment=answer.sentiment,
            keywords=tuple(dict.fromkeys(keywords))[:5],
            level=answer.level,
            cost=answered.cost,
        )


def configured() -> list[LanguageModelAnalyzer]:
    """One for each model of TRIAGE_LLM_MODELS, in that order."""
    return [LanguageModelAnalyzer(name) for name in model_names()]


def _proven(
    facts: Facts, claims: Iterable[shapes.Claim], source: str, weights: Mapping[str, float]
) -> tuple[Scored, ...]:
    """The claims whose quotation was said."""
    said: dict[str, list[Evidence]] = {}
    for claim in claims:
        if found := evidence_of(facts, [claim.quotation], source):
            said.setdefault(claim.id, []).extend(found)
    return tuple(Scored(id_, weights.get(id_, 1.0), tuple(dict.fromkeys(found))) for id_, found in said.items())
