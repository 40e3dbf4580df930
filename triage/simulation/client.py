"""Somebody who answers what is asked, from a truth of their own. Seeded: the same persona always says the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from triage.flows.interview.state import question_of, slot_of
from triage.flows.schema import Flow, Slot
from triage.simulation.persona import Contradiction, Persona, Style
from triage.simulation.wording import coloured, not_known, plainly, say


@dataclass(frozen=True, slots=True)
class Answer:
    """`contradicts`: the slot that these words tell another way than before."""

    text: str
    flags: tuple[str, ...] = ()
    contradicts: str | None = None


@dataclass
class Client:
    persona: Persona
    flow: Flow
    told: set[str] = field(default_factory=set)
    """Slots that this person has told by answering."""
    _times: dict[str, int] = field(default_factory=dict)
    _answers: int = 0
    _contradicted: set[str] = field(default_factory=set)

    def open(self) -> Answer:
        flags = [flag for flag, place in self.persona.truth.red_flags.items() if place == "opening"]
        return Answer(self.persona.opening, tuple(flags))

    def answer(self, question: str, known: frozenset[str]) -> Answer:
        """`known` are slots that the interviewer has understood so far."""
        self._answers += 1
        slot = slot_of(self.flow, question_of(self.flow, question))
        text = self._about(slot)
        if slot.id in self.persona.truth.slots:
            self.told.add(slot.id)
        flags = [flag for flag, place in self.persona.truth.red_flags.items() if place == slot.id]
        blurts = [one for one in self.persona.blurts if one.answer == self._answers]
        flags += [one.flag for one in blurts if one.flag is not None]
        other = self._contradiction(slot.id, known)
        if other is not None:
            self._contradicted.add(other.slot)
            flags += [other.flag] if other.flag is not None else []
        along = [one.words for one in blurts] + ([other.words] if other is not None else [])
        said = " ".join([_closed(text), *along] if along else [text])
        return Answer(said, tuple(flags), other.slot if other is not None else None)

    def _about(self, slot: Slot) -> str:
        persona = self.persona
        for one in persona.contradictions:
            if one.slot == slot.id and slot.id in self._contradicted:
                return one.right
        times = self._times[slot.id] = self._times.get(slot.id, 0) + 1
        own = persona.answers.get(slot.id, [])
        if times <= len(own):
            return own[times - 1]
        language, random = self._language(), Random(f"{persona.id}:{slot.id}")
        value = persona.truth.slots.get(slot.id, persona.truth.category if slot.kind == "category" else None)
        if value is None:
            return coloured(not_known(language, persona.unknown, random), language, _calm(persona), random)
        if times > 1:
            return plainly(self.flow, slot, value, language)
        return say(self.flow, slot, value, language, persona.style, random)

    def _language(self) -> str:
        switch = self.persona.switch
        return self.persona.language if switch is None or self._answers <= switch.after else switch.language

    def _contradiction(self, asked: str, known: frozenset[str]) -> Contradiction | None:
        for one in self.persona.contradictions:
            due = one.slot != asked and self._answers >= one.answer and one.slot not in self._contradicted
            if due and one.slot in known:
                return one
        return None


def _calm(persona: Persona) -> Style:
    return "misspelt" if persona.style == "misspelt" else "plain"


def _closed(text: str) -> str:
    """A sentence ends before the next begins."""
    return text if text[-1:] in ".!?…" else f"{text}."
