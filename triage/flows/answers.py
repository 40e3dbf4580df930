"""Free text to slot values: the reply to a question, and words that nobody asked for.

Pure: no clock, no I/O. What cannot be read gives no reading; a wrong value is worse than a question asked.
Offsets are those of the original text, because folding keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from triage.analysis.base import Reading
from triage.flows.reading.claims import Value, claims, may_fill
from triage.flows.reading.closed import YES, only_named, options_of, read_choice, read_yes_no
from triage.flows.reading.dates import Dated
from triage.flows.reading.measures import MEASURED, find_values
from triage.flows.reading.shown import show_value
from triage.flows.schema import Flow, Question, Slot, SlotKind
from triage.flows.terms import fold

__all__ = ["read_answer", "read_pointed", "read_words", "show_value"]

Kinds = Collection[SlotKind]

_NAMED: Kinds = ("choice", "yes_no")
_SHORT_PLACE = 6
_PLACE = re.compile(
    r"\b(?:em|no|na|in|at)\s+(?P<place>[A-ZÀ-Þ][\w'-]+(?:,?\s+(?:(?:d[aeo]s?|of)\s+)?[A-ZÀ-Þ][\w'-]*)*)"
)


@dataclass(frozen=True, slots=True)
class _Said:
    """Words, and all that they are read with."""

    flow: Flow
    language: str
    text: str
    folded: str
    today: date

    @classmethod
    def of(cls, flow: Flow, language: str, text: str, said_at: datetime) -> _Said:
        return cls(flow, language, text, fold(text), said_at.astimezone(ZoneInfo(flow.time_zone)).date())

    def values(self, asked: SlotKind | None = None) -> dict[SlotKind, list[Value]]:
        return find_values(self.folded, self.language, self.today, self.flow.currency, asked)


def read_answer(flow: Flow, language: str, question: Question, text: str, said_at: datetime) -> tuple[Reading, ...]:
    """The question's slot, if the reply can be read, and whatever other slots the same words fill.

    Details of an answer ("sim, em 3 de março") are no answers to something else: in replies, values without
    a pointing word fill greedy slots only where the question was an open one or about another measure.
    """
    said = _Said.of(flow, language, text, said_at)
    slot = _slot(flow, question.slot)
    values = said.values(asked=slot.kind)
    own = _reply(said, slot, f"answer:{question.id}", values)
    if own is not None and slot.kind in MEASURED:
        values = {kind: _apart(found, own) for kind, found in values.items()}
    answers_openly = slot.kind == "text" or slot.kind in MEASURED
    others = _fill(said, values, {slot.id}, [kind for kind in MEASURED if answers_openly and kind != slot.kind])
    return (own, *others) if own is not None else tuple(others)


def read_words(
    flow: Flow, language: str, text: str, said_at: datetime, taken: Collection[str] = ()
) -> tuple[Reading, ...]:
    """Slots that free words fill; those in `taken` are left alone, but keep the words that point to them."""
    said = _Said.of(flow, language, text, said_at)
    return tuple(_fill(said, said.values(), taken, MEASURED))


def read_pointed(flow: Flow, language: str, text: str, said_at: datetime) -> tuple[Reading, ...]:
    """Only what the words themselves say of a slot: choices by their terms, values by the words near them."""
    said = _Said.of(flow, language, text, said_at)
    return tuple(_fill(said, said.values(), (), ()))


def _slot(flow: Flow, slot_id: str) -> Slot:
    return next(one for one in flow.slots if one.id == slot_id)


def _fill(said: _Said, values: dict[SlotKind, list[Value]], taken: Collection[str], greedy: Kinds) -> list[Reading]:
    found: list[Reading] = []
    for kind in MEASURED:
        found += _fill_kind(said, kind, values[kind], taken, kind in greedy)
    return [*found, *_fill_choices(said, taken)]


def _fill_kind(
    said: _Said, kind: SlotKind, values: Sequence[Value], taken: Collection[str], greedy: bool
) -> list[Reading]:
    claimed = claims(said.folded, said.language, kind, values, said.flow.slots)
    filled: dict[str, Reading] = {}
    for claim in claimed:
        if claim.slot and claim.slot.id not in taken and claim.slot.id not in filled:
            filled[claim.slot.id] = _reading(claim.slot, claim.value, f"pattern:{kind}")
    spoken_for = {claim.value for claim in claimed}
    rest = [value for value in values if value.sure and value not in spoken_for]
    for slot in said.flow.slots if greedy else ():
        if slot.kind == kind and slot.greedy and slot.id not in taken and slot.id not in filled:
            value = next((value for value in rest if _suits(said, slot, value)), None)
            if value is not None:
                rest.remove(value)
                filled[slot.id] = _reading(slot, value, f"pattern:{kind}")
    limit = next((value for value in values if value.aim == "future" and value not in spoken_for), None)
    due = said.flow.urgency.deadline_slot
    if limit is not None and due is not None and due not in taken and due not in filled:
        filled[due] = _reading(_slot(said.flow, due), limit, f"pattern:{kind}")
    return list(filled.values())


def _suits(said: _Said, slot: Slot, value: Value) -> bool:
    """Whether a slot about the past gets a day of the past; the pointing words are not there to tell."""
    if slot.prefer is None or not isinstance(value.value, Dated):
        return True
    day = value.value.day(slot.prefer)
    return day <= said.today if slot.prefer == "past" else day >= said.today


def _fill_choices(said: _Said, taken: Collection[str]) -> list[Reading]:
    found = []
    for slot in said.flow.slots:
        if slot.kind in _NAMED and slot.id not in taken:
            options = options_of(said.flow, slot, said.language)
            named = only_named(said.folded, options, _negations(said), titles=False)
            if named:
                value = named[0] == YES if slot.kind == "yes_no" else named[0]
                found.append(Reading(slot.id, value, *named[1], f"pattern:{slot.kind}"))
    return found


def _reply(said: _Said, slot: Slot, source: str, values: dict[SlotKind, list[Value]]) -> Reading | None:
    if slot.kind in MEASURED:
        value = _chosen(said, slot, values[slot.kind])
        return _reading(slot, value, source) if value else None
    if slot.kind in ("text", "place"):
        return _whole(said, slot, source)
    hit: tuple[Any, tuple[int, int]] | None
    if slot.kind == "yes_no":
        hit = read_yes_no(said.folded, said.language)
    else:
        hit = read_choice(said.folded, options_of(said.flow, slot, said.language), _negations(said))
    return Reading(slot.id, hit[0], *hit[1], source) if hit else None


def _chosen(said: _Said, slot: Slot, values: Sequence[Value]) -> Value | None:
    """Of the values in a reply, the one its words point to, else one that nothing else points to, else the first."""
    values = [value for value in values if may_fill(slot, value)]
    claimed = claims(said.folded, said.language, slot.kind, values, said.flow.slots)
    own = next((claim.value for claim in claimed if claim.slot and claim.slot.id == slot.id), None)
    if own is not None:
        return own
    spoken_for = {claim.value for claim in claimed}
    free = [value for value in values if value not in spoken_for and not value.touching]
    free += [value for value in values if value not in spoken_for and value.touching]
    return next(iter(free), None) or next((claim.value for claim in claimed if claim.slot), None)


def _apart(values: Sequence[Value], reading: Reading) -> list[Value]:
    return [value for value in values if value.end <= reading.start or reading.end <= value.start]


def _whole(said: _Said, slot: Slot, source: str) -> Reading | None:
    """The reply as it stands; of a long one about a place only the name, if there is one name."""
    if not re.search(r"\w", said.text):
        return None
    if slot.kind == "place" and len(said.text.split()) > _SHORT_PLACE:
        names = list(_PLACE.finditer(said.text))
        if len(names) == 1:
            return Reading(slot.id, names[0]["place"], *names[0].span("place"), source)
    stripped = said.text.strip()
    start = said.text.index(stripped)
    return Reading(slot.id, stripped, start, start + len(stripped), source)


def _reading(slot: Slot, value: Value, source: str) -> Reading:
    if isinstance(value.value, Dated):
        dated = value.value
        day = dated.day(slot.prefer).isoformat()
        return Reading(slot.id, day, value.start, value.end, source, dated.approximate)
    return Reading(slot.id, value.value, value.start, value.end, source)


def _negations(said: _Said) -> Iterable[str]:
    return said.flow.negations.get(said.language, ())
