"""What a person's words are: an answer, a command, or nothing that can be used.

A command stands alone ("não sei"); a choice that is worded as one ("não sei" among the choices) wins over it. Who
does not know and goes on to tell something else has skipped the question, and the words are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from triage.analysis.base import Reading, TurnKind
from triage.flows.answers import read_answer, read_pointed, read_words
from triage.flows.interview.contradictions import contested_by, which_of_the_two
from triage.flows.interview.state import InterviewState, question_of, slot_of
from triage.flows.reading.sentences import sentence_around
from triage.flows.schema import Flow, Question, Slot, WordLists
from triage.flows.terms import compile_terms, covers, fold

_MOST_MISSES = 2
_FREE = ("text", "place")


@dataclass(frozen=True, slots=True)
class Said:
    """A person's message, as it reaches the engine.

    `reply_id` will be the id of the interviewer's message. `question` was named by the client; it may be one
    answered before, which makes this a correction. `extra`: words added once the interview is over.
    """

    message_id: str
    text: str
    at: datetime
    reply_id: str
    question: str | None = None
    extra: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """`noted`: it could not be used as an answer, the words are kept, and the question is given up."""

    kind: TurnKind
    readings: tuple[Reading, ...] = ()
    noted: bool = False


def read_reply(state: InterviewState, said: Said, target: str | None) -> Reply:
    """What `said` is, as a reply to the question `target` (None: the case itself is being told)."""
    flow, text = state.flow, fold(said.text)
    if said.extra:
        return Reply("extra", _unasked(state, said))
    if target == state.current and _is(flow, flow.commands.back, text):
        return Reply("back")
    if target is None:
        return _patiently(state, _opening(state, said, text))
    question = question_of(flow, target)
    reply = _patiently(state, _answer(state, said, text, question))
    contested = contested_by(state, said.text, said.at, reply.readings, question.slot)
    return replace(reply, readings=(*reply.readings, *contested))


def _opening(state: InterviewState, said: Said, text: str) -> Reply:
    if _is(state.flow, state.flow.commands.skip, text):
        return Reply("skip")
    return _nothing_said(state.flow, text) or Reply("answer", _unasked(state, said))


def _answer(state: InterviewState, said: Said, text: str, question: Question) -> Reply:
    flow, slot = state.flow, slot_of(state.flow, question)
    chosen = which_of_the_two(state, question, said.text)
    if chosen is not None:
        return Reply("answer", (chosen,))
    if _is(flow, flow.commands.skip, text) and not _is_choice(flow, slot, text):
        return Reply("skip")
    if slot.kind in _FREE:
        return _nothing_said(flow, text) or Reply("answer", _asked(state, said, question))
    readings = _asked(state, said, question)
    if _gives_up(state, said, text, slot, readings):
        return Reply("skip", tuple(reading for reading in readings if reading.slot != slot.id), noted=True)
    if any(reading.slot == slot.id for reading in readings):
        return Reply("answer", readings)
    return _nothing_said(flow, text) or Reply("unclear", readings)


def _gives_up(state: InterviewState, said: Said, text: str, slot: Slot, readings: tuple[Reading, ...]) -> bool:
    """ "Não sei. A audiência é dia 20": the first sentence skips, and what the others name is something else."""
    if not _is(state.flow, state.flow.commands.skip, text[slice(*sentence_around(text, 0, 0))]):
        return False
    own = next((reading for reading in readings if reading.slot == slot.id), None)
    others = (one for one in read_pointed(state.flow, state.language, said.text, said.at) if one.slot != slot.id)
    return own is None or any(one.start < own.end and own.start < one.end for one in others)


def _patiently(state: InterviewState, reply: Reply) -> Reply:
    """A reply that misses is met with the same question again, twice at most; then it counts as a skip.

    Misses of all kinds are counted together, so every interview ends.
    """
    misses = state.misses
    if reply.kind == "unclear" and "unclear" in misses:
        return Reply("skip", reply.readings, noted=True)
    if reply.kind in ("empty", "off_topic", "unclear") and len(misses) >= _MOST_MISSES:
        return Reply("skip", reply.readings, noted=reply.kind == "unclear")
    return reply


def _nothing_said(flow: Flow, text: str) -> Reply | None:
    if not any(character.isalnum() for character in text):
        return Reply("empty")
    return Reply("off_topic") if _is(flow, flow.commands.small_talk, text) else None


def _asked(state: InterviewState, said: Said, question: Question) -> tuple[Reading, ...]:
    """The question's own value, and what else was said along with it for slots that nobody else filled.

    What an earlier answer to the same question had filled is taken back with it.
    """
    taken_back = {turn.message_id for turn in state.turns if turn.question == question.id}
    held = {slot for slot, known in state.slots.items() if known.evidence.message_id not in taken_back}
    readings = _read(state, said, question)
    return tuple(item for item in readings if item.slot == question.slot or item.slot not in held)


def _read(state: InterviewState, said: Said, question: Question) -> tuple[Reading, ...]:
    """In the case's language; people who change theirs are read in the flow's other ones."""
    first = read_answer(state.flow, state.language, question, said.text, said.at)
    for language in state.flow.languages:
        if any(item.slot == question.slot for item in first):
            break
        if language != state.language:
            other = read_answer(state.flow, language, question, said.text, said.at)
            if any(item.slot == question.slot for item in other):
                return other
    return first


def _unasked(state: InterviewState, said: Said) -> tuple[Reading, ...]:
    """Words that nobody asked for fill empty slots only: to change an answer, one goes back to it."""
    return read_words(state.flow, state.language, said.text, said.at, taken=tuple(state.slots))


def _is_choice(flow: Flow, slot: Slot, text: str) -> bool:
    return any(_is(flow, terms, text) for terms in _wordings(flow, slot))


def _wordings(flow: Flow, slot: Slot) -> Iterator[WordLists]:
    options = flow.categories if slot.kind == "category" else slot.choices
    for option in options:
        yield option.terms
        yield {language: [title] for language, title in option.title.items()}


def _is(flow: Flow, lists: WordLists, text: str) -> bool:
    """Whether the folded text says this and nothing else, in any language of the flow."""
    return any(covers(compile_terms(lists.get(language, ())), text) for language in flow.languages)
