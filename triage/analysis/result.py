"""From an assessment to the result that a person takes home.

Every field that an analyzer set carries its evidence; a stage that failed is shown as failed.
"""

from __future__ import annotations

from typing import Any

from triage.analysis.assess import scene_of, texts_shown
from triage.analysis.base import Assessment, Facts
from triage.analysis.strategies import Verdict
from triage.flows.answers import show_value

LOW_CONFIDENCE = 0.5
SUMMARY_LENGTH = 280  # characters


def compose(facts: Facts, verdict: Verdict, assessment: Assessment) -> dict[str, Any]:
    """The result object: what it is, how hard, how urgent, how sure, what to bring and do, and how it was found."""
    finding = verdict.finding
    return {
        "category": assessment.category,
        "alternatives": assessment.alternatives,
        "complexity": {
            "level": assessment.level,
            "title": facts.flow.complexity.titles[assessment.level][facts.language],
            "score": assessment.score,
            "factors": assessment.factors,
        },
        "urgency": assessment.urgency,
        "red_flags": assessment.red_flags,
        "confidence": assessment.confidence,
        "summary": summary_of(facts),
        "keywords": list(finding.keywords),
        "sentiment": finding.sentiment,
        "entities": entities_of(facts),
        "understood": assessment.understood,
        **texts_shown(facts.flow, facts.language, assessment.category["id"], scene_of(facts, finding)),
        "strategy": verdict.strategy,
        "flow_type": verdict.flow_type,
        "stages": verdict.stages,
        "is_calibrated": finding.calibrated,
        "review": review_of(facts, verdict, assessment),
    }


def summary_of(facts: Facts) -> str:
    """The person's own first words, cut at a word; nothing is invented."""
    text = " ".join(facts.utterances[0].text.split()) if facts.utterances else ""
    if len(text) <= SUMMARY_LENGTH:
        return text
    return text[:SUMMARY_LENGTH].rsplit(" ", 1)[0] + "…"


def entities_of(facts: Facts) -> dict[str, list[dict[str, Any]]]:
    """Parties, amounts, dates and places among the known slots, each with its evidence."""
    found: dict[str, list[dict[str, Any]]] = {"parties": [], "amounts": [], "dates": [], "places": []}
    for slot in facts.flow.slots:
        known = facts.slots.get(slot.id)
        if slot.entity is None or known is None:
            continue
        found[slot.entity].append(
            {
                "slot": slot.id,
                "title": slot.title[facts.language],
                "value": known.value,
                "text": show_value(facts.flow, facts.language, slot, known.value),
                "message_id": known.evidence.message_id,
                "span": [known.evidence.start, known.evidence.end],
            }
        )
    return found


def review_of(facts: Facts, verdict: Verdict, assessment: Assessment) -> dict[str, Any]:
    """Whether a person should look before anybody acts, and why, as stable codes.

    `act`: sure enough to act upon at once, by what the flow wants; only a calibrated confidence can say so.
    """
    sure = verdict.finding.sure
    least = LOW_CONFIDENCE if sure is None else sure.review_below
    reasons = []
    if assessment.red_flags:
        reasons.append("red_flag")
    if assessment.confidence < least:
        reasons.append("low_confidence")
    if assessment.category["id"] == facts.flow.fallback_category:
        reasons.append("unknown_category")
    reasons += verdict.doubts
    may_act = sure is not None and assessment.confidence >= sure.act_above and not reasons
    return {"needed": bool(reasons), "reasons": reasons, "act": may_act}
