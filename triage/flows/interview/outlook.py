"""What conditions could still come to, once slots that are empty now are filled.

Words already said and slots already filled count as settled: an interview is not prolonged in the hope
that somebody takes something back.
"""

from __future__ import annotations

from functools import cached_property, reduce

from triage.flows.conditions import Scene, compares, evaluate
from triage.flows.schema import Condition, Flow
from triage.flows.tree import children

_Truth = bool | None
_Outcomes = frozenset[_Truth]
_Prospect = tuple[_Outcomes, frozenset[str]]
"""What a condition may come to, and the empty slots on which that hangs (none when there is one outcome only)."""
_EITHER: _Outcomes = frozenset({True, False})
_NOTHING: frozenset[str] = frozenset()


class Outlook:
    """`unsure` says that the leading category might yet be another."""

    def __init__(self, flow: Flow, scene: Scene, open_slots: frozenset[str], *, unsure: bool) -> None:
        self.scene = scene
        self.open_slots = open_slots
        of_category = frozenset(slot.id for slot in flow.slots if slot.kind == "category")
        self.category_slots = of_category & open_slots if unsure else _NOTHING
        self._flow = flow

    def may_hold(self, condition: Condition) -> bool:
        return True in self._prospect(condition)[0]

    def deciders(self, condition: Condition) -> frozenset[str]:
        """The slots that still decide whether it holds; none if that is settled."""
        outcomes, slots = self._prospect(condition)
        return slots if True in outcomes else _NOTHING

    @cached_property
    def _rising(self) -> dict[str, frozenset[str]]:
        """The red flags that may yet be raised, with the slots that decide."""
        flags = (flag for flag in self._flow.red_flags if flag.id not in self.scene.flags)
        rising = {flag.id: self.deciders(flag.when) for flag in flags}
        return {flag: slots for flag, slots in rising.items() if slots}

    def _prospect(self, condition: Condition) -> _Prospect:
        if condition.not_ is not None:
            outcomes, slots = self._prospect(condition.not_)
            return frozenset(None if one is None else not one for one in outcomes), slots
        below = children(condition)
        if not below:
            return self._leaf(condition)
        prospects = [self._prospect(child) for child in below]
        joined = _both if condition.all is not None else _one
        outcomes = reduce(
            lambda left, right: frozenset(joined(a, b) for a in left for b in right),
            (prospect[0] for prospect in prospects),
        )
        slots = _NOTHING.union(*(prospect[1] for prospect in prospects))
        return outcomes, slots if len(outcomes) > 1 else _NOTHING

    def _leaf(self, leaf: Condition) -> _Prospect:
        if leaf.slot is not None and leaf.slot in self.open_slots and leaf.slot not in self.scene.slots:
            return (_EITHER | {None} if compares(leaf) else _EITHER), frozenset({leaf.slot})
        if leaf.category is not None and self.category_slots:
            return _EITHER, self.category_slots
        now = evaluate(leaf, self.scene).holds
        rising = [self._rising[flag] for flag in leaf.flag or () if flag in self._rising]
        if rising and not now:
            return _EITHER, _NOTHING.union(*rising)
        return frozenset({now}), _NOTHING


def _both(left: _Truth, right: _Truth) -> _Truth:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _one(left: _Truth, right: _Truth) -> _Truth:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False
