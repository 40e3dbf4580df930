"""The analyzer that needs nothing but the flow: terms speak for categories, conditions for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol

from triage.analysis.base import Evidence, Facts, Finding, Scored, Sounding, Utterance
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
_Flags = tuple[Scored, ...]


class Insight(Protocol):
    """What is known of a flow beside its terms and conditions."""

    def categories(self, facts: Facts, by_rules: tuple[Scored, ...]) -> tuple[Scored, ...]:
        """Best first, with what the rules make of them."""

    def soundings(self, facts: Facts, said: Utterance) -> tuple[Sounding, ...] | None:
        """What an utterance sounds like, whatever its words; None: nobody can tell now."""


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
        flags, doubted = self._listened(facts, flags)
        factors = _holding(facts.flow.factors, Scene.of(facts, categories, flags, heard=heard))
        return Finding(
            analyzer=self.name,
            categories=categories,
            factors=factors,
            red_flags=flags,
            sentiment=_sentiment(facts.flow, heard),
            keywords=_keywords(heard, categories, weighed),
            doubted=doubted,
        )

    def soundings(self, facts: Facts, said: Utterance) -> tuple[Sounding, ...] | None:
        return self._insight.soundings(facts, said) if self._insight else None

    def _listened(self, facts: Facts, by_words: _Flags) -> tuple[_Flags, _Flags]:
        """The flags that stand, with those that are only hinted at, and those that sound harmless.

        What was heard when a message was said stands; where nobody could hear then, it is heard now.
        """
        sounds = [
            (said, sounding)
            for said in facts.utterances
            for sounding in (said.soundings if said.soundings is not None else self.soundings(facts, said)) or ()
        ]
        hinted = _hinted_at(sounds)
        calm = [(said.message_id, one.start, one.end) for said, one in sounds if one.flag is None]
        doubted = tuple(flag for flag in by_words if _is_calm(flag, calm))
        stand = _union(tuple(flag for flag in by_words if flag not in doubted), hinted)
        return stand, tuple(flag for flag in doubted if flag.id not in {one.id for one in stand})

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


def _hinted_at(sounds: Iterable[tuple[Utterance, Sounding]]) -> _Flags:
    found: dict[str, list[Evidence]] = {}
    for said, sounding in sounds:
        if (flag := sounding.flag) is not None:
            span = said.text[sounding.start : sounding.end]
            evidence = Evidence(said.message_id, sounding.start, sounding.end, span, f"meaning:{flag}")
            found.setdefault(flag, []).append(evidence)
    return tuple(Scored(flag, 1.0, tuple(evidence[:_MOST_EVIDENCE])) for flag, evidence in found.items())


def _is_calm(flag: Scored, calm: Sequence[tuple[str, int, int]]) -> bool:
    """Whether only words speak for it, all of them where it sounds harmless; what a question was answered stands."""
    return bool(flag.evidence) and all(
        one.source == f"rule:{flag.id}"
        and any(id_ == one.message_id and start <= one.start and one.end <= end for id_, start, end in calm)
        for one in flag.evidence
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
