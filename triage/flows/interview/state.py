"""Where an interview stands, told by its turns alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from triage.analysis.base import Assessment, Evidence, Facts, Known, Turn, Utterance
from triage.flows.schema import Flow, Question, Slot

SETTLING = ("answer", "skip")
"""Kinds of turn after which a question is not asked again, unless somebody goes back to it."""
_SPEAKING = ("answer", "skip", "unclear", "extra")


@dataclass(frozen=True)
class InterviewState:
    """`current` is the question that is open now. Before the case was told it is None and not `done`.

    Everything else follows from the turns, so that a state rebuilt from rows equals the one that was lost.
    """

    flow: Flow
    language: str
    turns: tuple[Turn, ...]
    assessment: Assessment | None
    current: str | None
    done: bool

    @cached_property
    def asked(self) -> list[str]:
        """Every question asked so far, once, in the order of asking."""
        return list(dict.fromkeys(turn.next_question for turn in self.turns if turn.next_question is not None))

    @cached_property
    def settled(self) -> frozenset[str]:
        return frozenset(turn.question for turn in self.turns if turn.question is not None and turn.kind in SETTLING)

    @cached_property
    def slots(self) -> dict[str, Known]:
        """The latest value wins; an answer or a skip first clears what its own question had found.

        Who does not know which of two things told is right leaves the first.
        """
        slots: dict[str, Known] = {}
        contested: set[str] = set()
        filled_by = {question.id: question.slot for question in self.flow.questions}
        for turn in self.standing:
            if turn.question is not None and turn.kind in SETTLING:
                slot = filled_by[turn.question]
                if turn.kind == "answer" or slot not in contested:
                    slots.pop(slot, None)
                contested.discard(slot)
            for reading in turn.readings:
                if reading.contested:
                    contested.add(reading.slot)
                    continue
                span = turn.text[reading.start : reading.end]
                evidence = Evidence(turn.message_id, reading.start, reading.end, span, reading.source)
                slots[reading.slot] = Known(reading.value, evidence, reading.approximate)
        return slots

    @cached_property
    def awaits_opening(self) -> bool:
        """Whether the case itself has not been told yet."""
        return all(turn.question is None and turn.kind not in (*SETTLING, "extra") for turn in self.turns)

    @cached_property
    def misses(self) -> list[str]:
        """The kinds of the last replies that missed the open question, latest first."""
        kinds: list[str] = []
        for turn in reversed(self.turns):
            if turn.question != self.current or turn.kind not in ("unclear", "off_topic", "empty"):
                break
            kinds.append(turn.kind)
        return kinds

    def facts(self, now: datetime) -> Facts:
        spoken = (turn for turn in self.standing if turn.kind in _SPEAKING)
        utterances = tuple(Utterance(turn.message_id, turn.text) for turn in spoken)
        return Facts(self.flow, self.language, now, self.slots, utterances)

    @cached_property
    def standing(self) -> list[Turn]:
        """The turns without answers that were given anew since: words taken back say nothing any more."""
        last = {turn.question: turn for turn in self.turns if turn.kind in SETTLING}
        return [
            turn
            for turn in self.turns
            if turn.kind not in SETTLING or turn.question is None or turn is last[turn.question]
        ]


def question_of(flow: Flow, id_: str) -> Question:
    return next(question for question in flow.questions if question.id == id_)


def slot_of(flow: Flow, question: Question) -> Slot:
    return next(slot for slot in flow.slots if slot.id == question.slot)
