"""Conditions, evaluated: do they hold, and which words say so.

There are three answers: it holds (True), it does not (False), or nobody can tell yet (None: a comparison
with a slot that has no value). Undecided counts as false wherever somebody must act.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from triage.analysis.base import Evidence, Facts, Known, Scored
from triage.flows.hearing import Heard
from triage.flows.schema import Condition, Flow, Scalar, amount_of
from triage.flows.terms import fold
from triage.flows.tree import categories_of, flags_of, slots_of

__all__ = ["Scene", "Verdict", "categories_of", "evaluate", "flags_of", "holds", "slots_of", "truth"]

_MOST_EVIDENCE = 5


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a condition may look at. `today` is the day of the last message where the flow lives."""

    slots: Mapping[str, Known]
    heard: Heard
    today: date
    category: str | None = None
    category_evidence: tuple[Evidence, ...] = ()
    flags: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    truths: dict[int, tuple[Condition, bool | None]] = field(default_factory=dict, compare=False, repr=False)
    """What was worked out already; it holds the condition, whose id must not become another's."""

    @classmethod
    def of(
        cls,
        facts: Facts,
        categories: tuple[Scored, ...],
        flags: Iterable[Scored] = (),
        *,
        heard: Heard | None = None,
    ) -> Scene:
        """The facts in the light of what was found in them; `heard` spares listening twice."""
        best = leading(facts.flow, categories)
        return cls(
            slots=facts.slots,
            heard=heard or Heard.of(facts),
            today=facts.now.astimezone(ZoneInfo(facts.flow.time_zone)).date(),
            category=best.id,
            category_evidence=best.evidence,
            flags={flag.id: flag.evidence for flag in flags},
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """`evidence` is what decided, for or against."""

    holds: bool | None
    evidence: tuple[Evidence, ...] = ()


def leading(flow: Flow, categories: tuple[Scored, ...]) -> Scored:
    """The best category, or the fallback when nothing speaks for any."""
    return categories[0] if categories else Scored(flow.fallback_category, 0.0)


def holds(condition: Condition | None, scene: Scene) -> bool:
    """Whether somebody may act upon it; no condition always holds."""
    return condition is None or truth(condition, scene) is True


def truth(condition: Condition, scene: Scene) -> bool | None:
    """What `evaluate` finds, without the evidence; worked out once for each scene."""
    known = scene.truths.get(id(condition))
    if known is None:
        known = scene.truths[id(condition)] = (condition, _truth(condition, scene))
    return known[1]


def _truth(condition: Condition, scene: Scene) -> bool | None:
    if condition.not_ is not None:
        inner = truth(condition.not_, scene)
        return None if inner is None else not inner
    if condition.all is not None:
        return all_of(truth(child, scene) for child in condition.all)
    if condition.any is not None:
        return any_of(truth(child, scene) for child in condition.any)
    if condition.category is not None:
        return scene.category in condition.category
    if condition.flag is not None:
        return any(flag in scene.flags for flag in condition.flag)
    if condition.says is not None:
        return bool(scene.heard.meant(condition.says))
    return _slot(condition, scene).holds


def all_of(truths: Iterable[bool | None]) -> bool | None:
    so_far: bool | None = True
    for one in truths:
        if one is False:
            return False
        if one is None:
            so_far = None
    return so_far


def any_of(truths: Iterable[bool | None]) -> bool | None:
    so_far: bool | None = False
    for one in truths:
        if one is True:
            return True
        if one is None:
            so_far = None
    return so_far


def evaluate(condition: Condition, scene: Scene, source: str = "rule") -> Verdict:
    """`source` is written into the evidence of words (`rule:<id>`)."""
    if condition.all is not None:
        return _every([evaluate(child, scene, source) for child in condition.all])
    if condition.any is not None:
        return _some([evaluate(child, scene, source) for child in condition.any])
    if condition.not_ is not None:
        inner = evaluate(condition.not_, scene, source)
        return Verdict(None if inner.holds is None else not inner.holds, inner.evidence)
    return _leaf(condition, scene, source)


def _every(verdicts: list[Verdict]) -> Verdict:
    for verdict in verdicts:
        if verdict.holds is False:
            return verdict
    undecided = any(verdict.holds is None for verdict in verdicts)
    return Verdict(None if undecided else True, _together(verdicts))


def _some(verdicts: list[Verdict]) -> Verdict:
    speaking = [verdict for verdict in verdicts if verdict.holds]
    if speaking:
        return Verdict(True, _together(speaking))
    undecided = any(verdict.holds is None for verdict in verdicts)
    return Verdict(None if undecided else False, _together(verdicts))


def _together(verdicts: list[Verdict]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(evidence for verdict in verdicts for evidence in verdict.evidence))


def _leaf(condition: Condition, scene: Scene, source: str) -> Verdict:
    if condition.category is not None:
        return Verdict(scene.category in condition.category, scene.category_evidence)
    if condition.flag is not None:
        raised = [flag for flag in condition.flag if flag in scene.flags]
        return Verdict(bool(raised), tuple(item for flag in raised for item in scene.flags[flag]))
    if condition.says is not None:
        hits = scene.heard.meant(condition.says)[:_MOST_EVIDENCE]
        evidence = tuple(dict.fromkeys(scene.heard.evidence(hit, source) for hit in hits))
        return Verdict(bool(evidence), evidence)
    return _slot(condition, scene)


def _slot(condition: Condition, scene: Scene) -> Verdict:
    known = scene.slots.get(condition.slot or "")
    if known is None:
        return Verdict(None if compares(condition) else False)
    if not compares(condition):
        return Verdict(True, (known.evidence,))
    return Verdict(_compare(condition, known.value, scene.today), (known.evidence,))


def compares(leaf: Condition) -> bool:
    """Whether the test of a slot looks at its value, not only at whether there is one."""
    tests = (leaf.is_, leaf.in_, leaf.at_least, leaf.within_days, leaf.older_than_days)
    return any(test is not None for test in tests)


def _compare(leaf: Condition, value: object, today: date) -> bool | None:
    """None when the value is of no kind that can be compared so."""
    if leaf.is_ is not None:
        return same(value, leaf.is_)
    if leaf.in_ is not None:
        return any(same(value, wanted) for wanted in leaf.in_)
    if leaf.at_least is not None:
        amount = amount_of(value)
        return None if amount is None else amount >= Decimal(str(leaf.at_least))
    day = _day(value)
    if day is None:
        return None
    if leaf.within_days is not None:
        return 0 <= (day - today).days <= leaf.within_days
    return (today - day).days > (leaf.older_than_days or 0)


def same(value: object, wanted: Scalar) -> bool:
    """Equal as a person means it: words without case and accents, 3 as 3.0, but never `true` as 1."""
    if isinstance(value, str) and isinstance(wanted, str):
        return fold(value) == fold(wanted)
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    amount = amount_of(value)
    return amount is not None and amount == amount_of(wanted)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
