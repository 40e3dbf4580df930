"""Where an interview stands, told by its turns alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from triage.analysis.base import Assessment, Evidence, Facts, Known, Reading, Turn, Utterance
from triage.flows.reading.sentences import sentence_around
from triage.flows.schema import Flow, Question, Slot

SETTLING = ("answer", "skip")
"""Kinds of turn after which a question is not asked again, unless somebody goes back to it."""
_SPEAKING = ("answer", "skip", "unclear", "extra")


@dataclass(frozen=True, slots=True)
class Contest:
    """What was told of one slot at first, and what later."""

    before: Known
    now: Known


@dataclass(frozen=True)
class InterviewState:
    """`current` is the question that is open now. Before the case was told it is None and not `done`.

    `version`: the key of the flow's version, if it has one. Everything else follows from the turns, so that a state
    rebuilt from rows equals the one that was lost.
    """

    flow: Flow
    language: str
    turns: tuple[Turn, ...]
    assessment: Assessment | None
    current: str | None
    done: bool
    version: int = 0

    @cached_property
    def asked(self) -> list[str]:
        """Every question asked so far, once, in the order of asking."""
        return list(dict.fromkeys(turn.next_question for turn in self.turns if turn.next_question is not None))

    @cached_property
    def settled(self) -> frozenset[str]:
        return frozenset(turn.question for turn in self.turns if turn.question is not None and turn.kind in SETTLING)

    @property
    def slots(self) -> dict[str, Known]:
        """The latest value wins; an answer or a skip first clears what its own question had found."""
        return self._told[0]

    @property
    def contests(self) -> dict[str, Contest]:
        """Slots that were told in two ways, as long as nobody answered which is right."""
        return self._told[1]

    @cached_property
    def _told(self) -> tuple[dict[str, Known], dict[str, Contest]]:
        """Until somebody says which of two values is right, the first one stands, but of two deadlines the nearer."""
        slots: dict[str, Known] = {}
        contests: dict[str, Contest] = {}
        filled_by = {question.id: question.slot for question in self.flow.questions}
        for turn in self._standing:
            if turn.question is not None and turn.kind in SETTLING:
                slot = filled_by[turn.question]
                if contests.pop(slot, None) is None or turn.kind == "answer":
                    slots.pop(slot, None)
            for reading in turn.readings:
                known = _known(turn, reading)
                if not reading.contested:
                    slots[reading.slot] = known
                elif reading.slot in slots:
                    contests[reading.slot] = Contest(slots[reading.slot], known)
                    if reading.slot == self.flow.urgency.deadline_slot:
                        slots[reading.slot] = min(slots[reading.slot], known, key=lambda one: str(one.value))
        return slots, contests

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
        spoken = (turn for turn in self._standing if turn.kind in _SPEAKING)
        utterances = tuple(Utterance(turn.message_id, turn.text, self._settled(turn), turn.alarms) for turn in spoken)
        return Facts(self.flow, self.language, now, self.slots, utterances, self.version)

    def _settled(self, turn: Turn) -> tuple[int, int] | None:
        """The sentence of an answer that was read as the answer to a closed question."""
        slot = None if turn.question is None else slot_of(self.flow, question_of(self.flow, turn.question))
        if turn.kind != "answer" or slot is None or slot.kind == "text":
            return None
        own = next((item for item in turn.readings if item.slot == slot.id and not item.contested), None)
        return None if own is None else sentence_around(turn.text, own.start, own.end)

    @cached_property
    def _standing(self) -> list[Turn]:
        """The turns without answers that were given anew since: words taken back say nothing any more."""
        last = {turn.question: turn for turn in self.turns if turn.kind in SETTLING}
        return [
            turn
            for turn in self.turns
            if turn.kind not in SETTLING or turn.question is None or turn is last[turn.question]
        ]


def _known(turn: Turn, reading: Reading) -> Known:
    span = turn.text[reading.start : reading.end]
    evidence = Evidence(turn.message_id, reading.start, reading.end, span, reading.source)
    return Known(reading.value, evidence, reading.approximate)


def question_of(flow: Flow, id_: str) -> Question:
    return next(question for question in flow.questions if question.id == id_)


def slot_of(flow: Flow, question: Question) -> Slot:
    return next(slot for slot in flow.slots if slot.id == question.slot)
