"""Which slot a value in free words belongs to.

Every word that points to a slot ("audiência") goes to the nearest value of the slot's kind, and every value to
the nearest such word, within a sentence. So "em 3 de março fui demitido, a audiência é dia 20" gives
each its own day. Values that nothing points to are left to the greedy slots.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from triage.flows.reading.sentences import SENTENCE_END
from triage.flows.schema import Slot, SlotKind
from triage.flows.terms import compile_terms

_WORD = re.compile(r"\w+(?:[.,]\d+)*")
_CLAUSE_END = re.compile(r",|\b(?:e|mas|porem|and|but|so)\b")
_CLAUSE_WORDS = 3
_REACH: dict[SlotKind, int] = {"date": 8, "money": 8, "number": 2}
"""Words that may stand between. A count stands beside what it counts."""
_FARTHEST = 120
"""Characters; a limit on work, beyond what so many words take."""

_BIRTH = compile_terms(("nasc*", "aniversari*", "born", "birth*", "date of birth"))


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """`sure`: found by itself to be what it seems, so that a greedy slot may take it. `touching`: counts
    something else ("3 meses") unless the pointing word follows at once ("meses de aluguel"). `aim`: of a date that
    can only lie ahead (or behind): no slot that prefers the other way has it.

    Each is itself alone: two of the same content stand in two places.
    """

    start: int
    end: int
    value: Any
    sure: bool = True
    touching: bool = False
    aim: Literal["past", "future"] | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """`slot` None: the value is spoken for by something no slot asks about (a birth)."""

    value: Value
    slot: Slot | None
    distance: int


def claims(folded: str, language: str, kind: SlotKind, values: Sequence[Value], slots: Sequence[Slot]) -> list[Claim]:
    """The nearest pointing word of each value that has one; limits ("5 dias para") first, then the nearest pairs."""
    best: dict[Value, Claim] = {}
    for slot, pattern in _pointers(language, kind, slots):
        for match in pattern.finditer(folded):
            start, end = match.start() - _FARTHEST, match.end() + _FARTHEST
            around = [one for one in values if start <= one.end and one.start <= end and may_fill(slot, one)]
            claim = _nearest(folded, kind, around, slot, match.span())
            if claim is not None and (claim.value not in best or claim.distance < best[claim.value].distance):
                best[claim.value] = claim
    return sorted(best.values(), key=lambda claim: (claim.value.aim != "future", claim.distance, claim.value.start))


def may_fill(slot: Slot | None, value: Value) -> bool:
    return slot is None or slot.prefer is None or value.aim in (None, slot.prefer)


def _pointers(language: str, kind: SlotKind, slots: Sequence[Slot]) -> list[tuple[Slot | None, re.Pattern[str]]]:
    """Slots in the flow's order; births last, so that a flow may ask for one."""
    found: list[tuple[Slot | None, re.Pattern[str]]] = [
        (slot, compile_terms(slot.near.get(language, ()))) for slot in slots if slot.kind == kind
    ]
    return [*found, (None, _BIRTH)] if kind == "date" else found


def _nearest(
    folded: str, kind: SlotKind, values: Sequence[Value], slot: Slot | None, pointer: tuple[int, int]
) -> Claim | None:
    """The value that the word at `pointer` belongs to. "audiência dia 20": of two as near, dates and
    money follow the word, counts precede it."""
    reached: list[tuple[int, bool, Value]] = []
    for value in values:
        distance = _distance(folded, (value.start, value.end), pointer)
        follows = value.start >= pointer[1]
        if value.touching and (distance != 0 or follows):
            continue
        if distance is not None and distance <= _REACH[kind]:
            reached.append((distance, follows == (kind == "number"), value))
    if not reached:
        return None
    distance, _, value = min(reached, key=lambda item: item[:2])
    return Claim(value, slot, distance)


def _distance(folded: str, one: tuple[int, int], other: tuple[int, int]) -> int | None:
    """Words between, each new clause counted as several; None across sentences."""
    first, second = sorted((one, other))
    between = folded[first[1] : second[0]]
    if SENTENCE_END.search(between):
        return None
    return len(_WORD.findall(between)) + _CLAUSE_WORDS * len(_CLAUSE_END.findall(between))
