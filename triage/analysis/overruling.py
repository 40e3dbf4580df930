"""What staff decided, laid over what an analysis found: their word stays, and both can be told apart.

Overrides are plain data, by field (category, complexity, urgency): `{old, new, reason, by, at, flags, found}`. `old` is
what the analysis says and `new` what staff say: ids of categories, else levels; `found` are the parts of the
assessment that are covered, so that the analysis's own word comes back when the override ends; `flags`
are the dangers that were known then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from triage.analysis.assess import category_shown, texts_shown
from triage.analysis.base import Assessment, Facts, Scored
from triage.flows.conditions import Scene
from triage.flows.schema import LEVELS, URGENCIES, Flow

Override = dict[str, Any]
Overrides = Mapping[str, Override]
Parts = dict[str, Any]

FIELDS = ("category", "complexity", "urgency")
SHOWN_TO_ALL = ("old", "new", "at")
SETTLES = {
    "category": {"low_confidence", "unknown_category", "analyzers_disagree", "degraded"},
    "complexity": {"levels_differ"},
    "urgency": {"red_flag"},
}
"""Reasons for a review (`result.review_of`) that are answered once a person decided the field."""


def choices(flow: Flow, field: str) -> list[str]:
    """What staff may decide."""
    if field == "category":
        return [category.id for category in flow.categories]
    return list(LEVELS if field == "complexity" else URGENCIES)


def value_of(assessment: Assessment, field: str) -> str:
    if field == "category":
        return str(assessment.category["id"])
    return assessment.level if field == "complexity" else assessment.urgency_level


def parts_of(assessment: Assessment, field: str) -> Parts:
    """What of an assessment an override of this field covers."""
    names = {"category": ("category", "alternatives"), "complexity": ("level",), "urgency": ("urgency",)}[field]
    return {name: getattr(assessment, name) for name in names}


def laid_over(flow: Flow, language: str, found: Assessment, overrides: Overrides) -> Assessment:
    """The assessment as staff see it fit. Whoever reads `urgency.reason` gets none: why is for staff alone."""
    changes: Parts = {}
    for field, override in overrides.items():
        changes |= _decided_parts(flow, language, found, field, override["new"])
    return replace(found, **changes) if changes else found


def uncovered(shown: Assessment, overrides: Overrides) -> Assessment:
    """What the analysis itself says, from what is shown."""
    return replace(shown, **{name: part for one in overrides.values() for name, part in one["found"].items()})


def standing(found: Assessment, overrides: Overrides) -> dict[str, Override]:
    """The overrides in the face of a new finding.

    An urgency ends when a danger is raised that nobody knew of, and which presses more: it was decided without it.
    """
    kept = {}
    for field, override in overrides.items():
        old = value_of(found, field)
        if field == "urgency" and _presses_anew(found, override):
            continue
        kept[field] = {**override, "old": old, "found": parts_of(found, field)}
    return kept


def _presses_anew(found: Assessment, override: Override) -> bool:
    unknown = {flag["id"] for flag in found.red_flags} - set(override["flags"])
    return bool(unknown) and URGENCIES.index(found.urgency_level) > URGENCIES.index(override["new"])


def _decided_parts(flow: Flow, language: str, found: Assessment, field: str, value: str) -> Parts:
    if field == "complexity":
        return {"level": value}
    if field == "urgency":
        return {"urgency": {**found.urgency, **_urgency(flow, language, value)}}
    return _category(flow, language, value, found.alternatives)


def _category(flow: Flow, language: str, id_: str, alternatives: list[dict[str, Any]]) -> Parts:
    return {
        "category": {**category_shown(flow, language, id_), "evidence": []},
        "alternatives": [other for other in alternatives if other["id"] != id_],
    }


def _urgency(flow: Flow, language: str, level: Any) -> Parts:
    titles, hours = flow.urgency.titles, flow.urgency.hours
    return {"level": level, "title": titles[level][language], "hours": hours[level], "reason": "", "evidence": []}


def result_with(result: Mapping[str, Any], facts: Facts, overrides: Overrides) -> dict[str, Any]:
    """The result with what staff decided, and beside it, in `overridden`, what the analysis had found.

    Documents and next steps are those of the category that was decided. Of the reasons for a review those are left
    that nobody decided upon. Who decided and why is not in it.
    """
    plain = {name: part for name, part in result.items() if name != "overridden"}
    for covered in result.get("overridden", {}).values():
        plain |= covered["found"]
    if not overrides:
        return plain
    shown: Parts = {}
    overridden = {}
    for field, override in overrides.items():
        decided = _result_parts(plain, facts, field, override["new"])
        shown |= decided
        found = {name: plain[name] for name in [*decided, "review"]}
        overridden[field] = {**{name: override[name] for name in SHOWN_TO_ALL}, "found": found}
    return {**plain, **shown, "review": _review(plain, overrides), "overridden": overridden}


def _review(plain: Parts, overrides: Overrides) -> Parts:
    """A danger is settled only by who decided how urgent it is, and knew of it."""
    settled = {reason for field in overrides for reason in SETTLES[field]}
    if "urgency" in overrides and {flag["id"] for flag in plain["red_flags"]} - set(overrides["urgency"]["flags"]):
        settled -= SETTLES["urgency"]
    reasons = [reason for reason in plain["review"]["reasons"] if reason not in settled]
    return {**plain["review"], "needed": bool(reasons), "reasons": reasons}


def _result_parts(plain: Parts, facts: Facts, field: str, value: str) -> Parts:
    flow, language = facts.flow, facts.language
    if field == "complexity":
        level: Any = value
        return {"complexity": {**plain["complexity"], "level": level, "title": flow.complexity.titles[level][language]}}
    if field == "urgency":
        return {"urgency": {**plain["urgency"], **_urgency(flow, language, value)}}
    flags = [Scored(flag["id"], 1.0) for flag in plain["red_flags"]]
    scene = Scene.of(facts, (Scored(value, 1.0),), flags)
    return {**_category(flow, language, value, plain["alternatives"]), **texts_shown(flow, language, value, scene)}
