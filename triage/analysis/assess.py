"""From a finding to what people see: titles in their language, level, urgency, confidence.

Any analyzer's finding will do; what the flow itself decides (thresholds, rules of urgency) is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from triage.analysis.base import Assessment, Evidence, Facts, Finding, Scored
from triage.flows.answers import show_value
from triage.flows.conditions import Scene, evaluate, holds, leading
from triage.flows.schema import LEVELS, URGENCIES, Category, Flow, Level, RedFlag, UrgencyLevel

_MOST_ALTERNATIVES = 3


def assess(facts: Facts, finding: Finding, *, scene: Scene | None = None) -> Assessment:
    """`scene` spares hearing everything a second time; it must be `scene_of` the same facts and finding.

    Confidence, 0 to 1, is the probability that the category is right where the finding is calibrated. Elsewhere it
    is an order and no probability: three fifths how sure the category is and two fifths how much is known. The category
    is sure when the person named it; otherwise half by its share of all that was heard and half by its lead over
    the second; not at all when nothing spoke. Known is the share of filled slots among those
    that the questions which apply now ask for.
    """
    flow, language = facts.flow, facts.language
    scene = scene or scene_of(facts, finding)
    best = leading(flow, finding.categories)
    applying = [question.slot for question in flow.questions if holds(question.when, scene)]
    score = round(sum(factor.weight for factor in flow.factors if factor.id in _ids(finding.factors)), 2)
    return Assessment(
        category={**category_shown(flow, language, best.id), "evidence": listed(best.evidence)},
        alternatives=_alternatives(facts, finding, best.id),
        level=max(level_of(flow, score), finding.level or "low", key=LEVELS.index),
        score=score,
        confidence=_confidence(facts, finding, applying),
        factors=_factors(facts, finding),
        urgency=_urgency(facts, finding, scene),
        red_flags=_red_flags(facts, finding),
        understood=_understood(facts),
        missing=[slot for slot in dict.fromkeys(applying) if slot not in facts.slots],
    )


def lead(categories: tuple[Scored, ...]) -> float:
    """How far the best category is ahead of the second."""
    scores = [category.score for category in categories[:2]] + [0.0, 0.0]
    return scores[0] - scores[1]


def scene_of(facts: Facts, finding: Finding) -> Scene:
    """The facts as conditions see them once the finding is made."""
    return Scene.of(facts, finding.categories, finding.red_flags)


def level_of(flow: Flow, score: float) -> Level:
    if score >= flow.complexity.high:
        return "high"
    return "medium" if score >= flow.complexity.medium else "low"


def listed(evidence: Iterable[Evidence]) -> list[dict[str, Any]]:
    return [asdict(item) for item in evidence]


def category_shown(flow: Flow, language: str, id_: str) -> dict[str, Any]:
    category = _category(flow, id_)
    return {"id": id_, "title": category.title[language], "code": category.code}


def texts_shown(flow: Flow, language: str, category_id: str, scene: Scene) -> dict[str, list[str]]:
    """Documents and next steps of the category, then the flow's own, where their conditions hold."""
    category = _category(flow, category_id)
    documents = [*category.documents, *flow.documents]
    steps = [*category.next_steps, *flow.next_steps]
    return {
        "documents": [document.title[language] for document in documents if holds(document.when, scene)],
        "next_steps": [step.text[language] for step in steps if holds(step.when, scene)],
    }


def _category(flow: Flow, id_: str) -> Category:
    return next(category for category in flow.categories if category.id == id_)


def _ids(scored: Iterable[Scored]) -> set[str]:
    return {item.id for item in scored}


def _alternatives(facts: Facts, finding: Finding, best: str) -> list[dict[str, Any]]:
    flow, language = facts.flow, facts.language
    others = [category for category in finding.categories if category.id != best][:_MOST_ALTERNATIVES]
    return [{**category_shown(flow, language, other.id), "score": round(other.score, 2)} for other in others]


def _confidence(facts: Facts, finding: Finding, applying: list[str]) -> float:
    best = leading(facts.flow, finding.categories)
    if finding.calibrated:
        return round(best.score, 2)
    sure = 1.0 if facts.chosen_category else (best.score + lead(finding.categories)) / 2
    known = sum(slot in facts.slots for slot in applying) / len(applying) if applying else 1.0
    return round(0.6 * sure + 0.4 * known, 2)


def _factors(facts: Facts, finding: Finding) -> list[dict[str, Any]]:
    found = {factor.id: factor for factor in finding.factors}
    return [
        {
            "id": factor.id,
            "title": factor.title[facts.language],
            "weight": factor.weight,
            "evidence": listed(found[factor.id].evidence),
        }
        for factor in facts.flow.factors
        if factor.id in found
    ]


def _red_flags(facts: Facts, finding: Finding) -> list[dict[str, Any]]:
    language = facts.language
    return [
        {
            "id": flag.id,
            "title": flag.title[language],
            "advice": flag.advice[language],
            "numbers": [{"number": line.number, "title": line.title[language]} for line in flag.numbers],
            "evidence": listed(evidence),
        }
        for flag, evidence in _raised(facts.flow, finding)
    ]


def _raised(flow: Flow, finding: Finding) -> list[tuple[RedFlag, tuple[Evidence, ...]]]:
    """The most urgent first."""
    found = {flag.id: flag.evidence for flag in finding.red_flags}
    raised = [(flag, found[flag.id]) for flag in flow.red_flags if flag.id in found]
    return sorted(raised, key=lambda pair: (-URGENCIES.index(pair[0].urgency), pair[0].hours))


@dataclass(frozen=True, slots=True)
class _Pressing:
    level: UrgencyLevel
    hours: int
    reason: str
    evidence: tuple[Evidence, ...] = ()


def _urgency(facts: Facts, finding: Finding, scene: Scene) -> dict[str, Any]:
    """Whatever presses most: raised flags, then rules in their order, then the flow's default."""
    urgency, language = facts.flow.urgency, facts.language
    pressing = [
        _Pressing(flag.urgency, flag.hours, flag.title[language], evidence)
        for flag, evidence in _raised(facts.flow, finding)
    ]
    for rule in urgency.rules:
        if holds(rule.when, scene):
            verdict = evaluate(rule.when, scene, f"rule:{rule.id}")
            hours = urgency.hours[rule.level] if rule.hours is None else rule.hours
            pressing.append(_Pressing(rule.level, hours, rule.reason[language], verdict.evidence))
    if not pressing:
        hours = urgency.hours[urgency.default]
        pressing.append(_Pressing(urgency.default, hours, urgency.default_reason[language]))
    most = max(pressing, key=lambda one: URGENCIES.index(one.level))
    deadline = facts.slots.get(urgency.deadline_slot or "")
    return {
        "level": most.level,
        "title": urgency.titles[most.level][language],
        "hours": most.hours,
        "deadline": deadline.value if deadline is not None else None,
        "reason": most.reason,
        "evidence": listed(most.evidence),
    }


def _understood(facts: Facts) -> list[dict[str, Any]]:
    flow, language = facts.flow, facts.language
    return [
        {
            "slot": slot.id,
            "title": slot.title[language],
            "value": facts.slots[slot.id].value,
            "text": show_value(flow, language, slot, facts.slots[slot.id].value),
            "evidence": asdict(facts.slots[slot.id].evidence),
        }
        for slot in flow.slots
        if slot.id in facts.slots
    ]
