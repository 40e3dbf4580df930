"""The analyzer that needs nothing but the flow: terms speak for categories, conditions for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, Protocol

from triage.analysis.base import Alarm, Evidence, Facts, Finding, Scored, Utterance
from triage.flows.conditions import Scene, evaluate, holds
from triage.flows.hearing import Heard, Hit
from triage.flows.schema import Category, Factor, Flow, RedFlag
from triage.flows.terms import fold

_TERM, _STRONG = 1.0, 3.0
_DOUBT = 1.0
"""What nothing said weighs: one plain term alone makes half a certainty, one strong term three quarters."""
_MOST_EVIDENCE = 5
_MOST_KEYWORDS = 5
_Weights = dict[Hit, tuple[float, str]]


class Insight(Protocol):
    """What is known of a flow beside its terms and conditions."""

    def categories(self, facts: Facts, by_rules: tuple[Scored, ...]) -> tuple[Scored, ...]:
        """Best first, with what the rules make of them."""

    def alarms(self, facts: Facts, said: Utterance) -> tuple[Alarm, ...] | None:
        """The dangers that it hints at; None: nobody can tell now."""


class RulesAnalyzer:
    """Pure and quick: reads the same facts always alike."""

    name = "rules"

    def __init__(self, insight: Insight | None = None) -> None:
        self._insight = insight

    def analyse(self, facts: Facts) -> Finding:
        heard = Heard.of(facts)
        weighed = {category.id: _weigh(heard, category) for category in facts.flow.categories}
        chosen = facts.chosen_category
        categories = (
            (Scored(chosen.value, 1.0, (chosen.evidence,)),)
            if chosen
            else self._spoken_for(facts, _shares(heard, weighed))
        )
        flags = _holding(facts.flow.red_flags, Scene.of(facts, categories, heard=heard))
        flags = _union(flags, self._hinted_at(facts))
        factors = _holding(facts.flow.factors, Scene.of(facts, categories, flags, heard=heard))
        return Finding(
            analyzer=self.name,
            categories=categories,
            factors=factors,
            red_flags=flags,
            sentiment=_sentiment(facts.flow, heard),
            keywords=_keywords(heard, categories, weighed),
        )

    def alarms(self, facts: Facts, said: Utterance) -> tuple[Alarm, ...] | None:
        return self._insight.alarms(facts, said) if self._insight else None

    def _hinted_at(self, facts: Facts) -> tuple[Scored, ...]:
        """What was heard when a message was said stands; where nobody could hear then, it is heard now."""
        found: dict[str, list[Evidence]] = {}
        for said in facts.utterances:
            for alarm in (said.alarms if said.alarms is not None else self.alarms(facts, said)) or ():
                span = said.text[alarm.start : alarm.end]
                evidence = Evidence(said.message_id, alarm.start, alarm.end, span, f"meaning:{alarm.flag}")
                found.setdefault(alarm.flag, []).append(evidence)
        return tuple(Scored(flag, 1.0, tuple(evidence[:_MOST_EVIDENCE])) for flag, evidence in found.items())

    def _spoken_for(self, facts: Facts, by_rules: tuple[Scored, ...]) -> tuple[Scored, ...]:
        return self._insight.categories(facts, by_rules) if self._insight else by_rules


def _weigh(heard: Heard, category: Category) -> _Weights:
    """Each stretch of words that speaks for the category: how loud, and by which term.

    Terms of two languages may match the same words; they count once.
    """
    weights = {hit: (_TERM, term) for term, hit in heard.told(category.terms)}
    weights.update({hit: (_STRONG, term) for term, hit in heard.told(category.strong)})
    return weights


def _loudness(weights: _Weights) -> float:
    """Different terms add up; the same term again adds half as much each time."""
    total = 0.0
    repeats: dict[str, int] = {}
    for weight, term in weights.values():
        total += weight / 2 ** repeats.get(term, 0)
        repeats[term] = repeats.get(term, 0) + 1
    return total


def _shares(heard: Heard, weighed: Mapping[str, _Weights]) -> tuple[Scored, ...]:
    loud = {category: _loudness(weights) for category, weights in weighed.items() if weights}
    whole = sum(loud.values()) + _DOUBT
    ranked = sorted(loud, key=lambda category: -loud[category])
    return tuple(
        Scored(category, loud[category] / whole, _evidence(heard, weighed[category], f"term:{category}"))
        for category in ranked
    )


def _evidence(heard: Heard, weights: _Weights, source: str) -> tuple[Evidence, ...]:
    """The loudest words first, then as they were said."""
    ranked = sorted(weights, key=lambda hit: (-weights[hit][0], hit.utterance, hit.start))
    return tuple(heard.evidence(hit, source) for hit in ranked[:_MOST_EVIDENCE])


def _holding(rules: Iterable[Factor | RedFlag], scene: Scene) -> tuple[Scored, ...]:
    return tuple(
        Scored(
            rule.id,
            rule.weight if isinstance(rule, Factor) else 1.0,
            evaluate(rule.when, scene, f"rule:{rule.id}").evidence,
        )
        for rule in rules
        if holds(rule.when, scene)
    )


def _union(some: tuple[Scored, ...], others: tuple[Scored, ...]) -> tuple[Scored, ...]:
    """What was said in plain words is the better evidence."""
    known = {one.id for one in some}
    return (*some, *(other for other in others if other.id not in known))


def _sentiment(flow: Flow, heard: Heard) -> Literal["positive", "neutral", "negative"]:
    good = len(set(heard.meant(flow.positive)))
    bad = len(set(heard.meant(flow.negative)))
    if good == bad:
        return "neutral"
    return "positive" if good > bad else "negative"


def _keywords(heard: Heard, categories: tuple[Scored, ...], weighed: Mapping[str, _Weights]) -> tuple[str, ...]:
    """The words that told most, as the person wrote them; none that is part of another."""
    rank: dict[Hit, tuple[float, int, int]] = {}
    for place, category in enumerate(categories):
        for hit, (weight, _) in weighed[category.id].items():
            rank.setdefault(hit, (place - weight, hit.utterance, hit.start))
    chosen: dict[str, str] = {}
    for hit in sorted(rank, key=lambda hit: (rank[hit], hit.start - hit.end)):
        words = heard.words(hit)
        if not any(fold(words) in other for other in chosen):
            chosen[fold(words)] = words
        if len(chosen) == _MOST_KEYWORDS:
            break
    return tuple(chosen.values())
