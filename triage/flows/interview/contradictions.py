"""A slot told in two ways: noticing it, and what is right once the person was asked.

Words that come along with another answer never change what is known already; if they say something else of it, the
person is asked. Only words that name the slot count, a choice, yes or no by its terms, a value by a word near it, or
words that take something back ("na verdade são 15 mil"). A value belongs to one slot; words may name several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from triage.analysis.base import Known, Reading
from triage.flows.answers import read_pointed, read_words
from triage.flows.conditions import same
from triage.flows.interview.state import InterviewState
from triage.flows.reading.measures import MEASURED
from triage.flows.schema import Question, Slot, amount_of
from triage.flows.terms import compile_terms, fold

_ROUGHLY = 45
"""Days by which an approximate date may miss."""
_TAKES_BACK = re.compile(
    r"\b(?:na\s+verdade|alias|quer\s+dizer|me\s+enganei|errei|corrigindo|pensando\s+bem"
    r"|actually|i\s+meant?|correction|on\s+second\s+thought|i\s+was\s+wrong)\b"
)
_TO_BE = r"\W*(?:(?:e|foi|era|is|was|it's)\s+)?(?:[oa]s?\s+|the\s+)?"
_EARLIER = re.compile(_TO_BE + r"(?:primeir[oa]|first|d?e?\s*antes|before)(?:\s+(?:one|mesmo))?\W*")
_LATER = re.compile(_TO_BE + r"(?:segund[oa]|ultim[oa]|second|latter|last|d?e?\s*agora)(?:\s+(?:one|mesmo))?\W*")


def contested_by(
    state: InterviewState, text: str, at: datetime, accepted: tuple[Reading, ...], asked: str | None
) -> Iterator[Reading]:
    """What these words say of slots that others filled otherwise. `asked`: the slot that they are an answer to."""
    if not state.flow.phrases.contradiction:
        return
    slots = {slot.id: slot for slot in state.flow.slots}
    takes_back = _TAKES_BACK.search(fold(text))
    read = read_words if takes_back else read_pointed
    for reading in read(state.flow, state.language, text, at):
        known = state.slots.get(reading.slot)
        slot = slots[reading.slot]
        free = slot.kind not in MEASURED or all(
            one.end <= reading.start or reading.end <= one.start for one in accepted
        )
        if known is None or reading.slot == asked or not free:
            continue
        if _differs(slot, known, reading) and (takes_back or _same_matter(state, slot, text)):
            yield replace(reading, contested=True)


def _differs(slot: Slot, known: Known, reading: Reading) -> bool:
    if slot.several:
        return False
    if slot.kind == "date":
        before, now = date.fromisoformat(known.value), date.fromisoformat(reading.value)
        spare = _ROUGHLY if known.approximate or reading.approximate else 0
        return (before.month, before.day) != (now.month, now.day) and abs((before - now).days) > spare
    if slot.kind in ("money", "number"):
        return amount_of(known.value) != amount_of(reading.value)
    return not same(known.value, reading.value)


def _same_matter(state: InterviewState, slot: Slot, text: str) -> bool:
    """Words that point to many things ("desde") speak of the same only if the person used them before."""
    if slot.kind == "choice" or not (slot.greedy or slot.kind == "number"):
        return True
    before = " . ".join(fold(turn.text) for turn in state.turns)
    patterns = [compile_terms((term,)) for term in slot.near.get(state.language, ())]
    return any(pattern.search(fold(text)) and pattern.search(before) for pattern in patterns)


def question_about(state: InterviewState, slot: str) -> Question | None:
    """One that was asked already, else the first that fills the slot."""
    fitting = [question for question in state.flow.questions if question.slot == slot]
    return next((one for one in fitting if one.id in state.asked), next(iter(fitting), None))


def which_of_the_two(state: InterviewState, question: Question, text: str) -> Reading | None:
    """ "a primeira", "the second": an answer to the question which of two is right."""
    contest = state.contests.get(question.slot)
    if contest is None:
        return None
    folded = fold(text)
    for pattern, told in ((_EARLIER, contest.before), (_LATER, contest.now)):
        if pattern.fullmatch(folded):
            start = len(text) - len(text.lstrip())
            end = len(text.rstrip())
            return Reading(question.slot, told.value, start, end, f"answer:{question.id}", told.approximate)
    return None
