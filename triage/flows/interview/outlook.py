"""What conditions could still come to, once slots that are empty now are filled.

Only conditions of the flow itself are looked at. Words already said and slots already filled count as settled: an
interview is not prolonged in the hope that somebody takes something back.
"""

from __future__ import annotations

from functools import cached_property, reduce

from triage.flows.conditions import Scene, compares, truth
from triage.flows.kept import once_per_flow
from triage.flows.schema import Condition, Flow
from triage.flows.tree import categories_of, children, conditions_of, flags_of, slots_of

_Truth = bool | None
_Outcomes = frozenset[_Truth]
_Prospect = tuple[_Outcomes, frozenset[str]]
"""What a condition may come to, and the empty slots on which that hangs (none when there is one outcome only)."""
_EITHER: _Outcomes = frozenset({True, False})
_NOTHING: frozenset[str] = frozenset()
_SETTLED: dict[_Truth, _Prospect] = {one: (frozenset({one}), _NOTHING) for one in (True, False, None)}
_Asks = tuple[frozenset[str], frozenset[str], bool]
"""The slots and flags that a condition of the flow asks about, and whether it asks about the category."""


class Outlook:
    """`unsure` says that the leading category might yet be another."""

    def __init__(self, flow: Flow, scene: Scene, open_slots: frozenset[str], *, unsure: bool) -> None:
        self.scene = scene
        self.open_slots = open_slots
        of_category = frozenset(slot.id for slot in flow.slots if slot.kind == "category")
        self.category_slots = of_category & open_slots if unsure else _NOTHING
        self._flow = flow
        self._empty = open_slots - scene.slots.keys()
        self._prospects: dict[int, _Prospect] = {}

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
        known = self._prospects.get(id(condition))
        if known is None:
            known = self._prospects[id(condition)] = self._worked_out(condition)
        return known

    def _worked_out(self, condition: Condition) -> _Prospect:
        if not self._is_open(condition):
            return _SETTLED[truth(condition, self.scene)]
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

    def _is_open(self, condition: Condition) -> bool:
        """Whether anything that it asks about may still change; most of a flow's conditions are settled."""
        slots, flags, categories = _asks_of(self._flow)[id(condition)]
        return bool(flags) or (categories and bool(self.category_slots)) or not slots.isdisjoint(self._empty)

    def _leaf(self, leaf: Condition) -> _Prospect:
        if leaf.slot is not None and leaf.slot in self._empty:
            return (_EITHER | {None} if compares(leaf) else _EITHER), frozenset({leaf.slot})
        if leaf.category is not None and self.category_slots:
            return _EITHER, self.category_slots
        now = truth(leaf, self.scene)
        rising = [self._rising[flag] for flag in leaf.flag or () if flag in self._rising]
        if rising and not now:
            return _EITHER, _NOTHING.union(*rising)
        return _SETTLED[now]


@once_per_flow
def _asks_of(flow: Flow) -> dict[int, _Asks]:
    found: dict[int, _Asks] = {}
    for _, root in conditions_of(flow):
        _collect(root, found)
    return found


def _collect(condition: Condition, found: dict[int, _Asks]) -> None:
    found[id(condition)] = (slots_of(condition), flags_of(condition), bool(categories_of(condition)))
    for child in children(condition):
        _collect(child, found)


def _both(left: _Truth, right: _Truth) -> _Truth:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _one(left: _Truth, right: _Truth) -> _Truth:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False
