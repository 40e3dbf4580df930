"""What the interviewer says in return: danger first, then what became of the words, then the question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from triage.analysis.base import Assessment, Turn
from triage.events import MessageAdded
from triage.flows.answers import show_value
from triage.flows.interview.state import InterviewState, question_of, slot_of
from triage.flows.schema import Flow, Slot, Words


def speak(
    before: InterviewState, after: InterviewState, reply_id: str, *, corrected: bool, noted: bool
) -> MessageAdded:
    """The message that answers the last turn of `after`; it ends with the question's own words, if it asks one.

    `corrected` and `noted` choose the phrase.
    """
    parts = [*_new_advice(before.assessment, after.assessment), *_about(after, corrected, noted)]
    asked = after.turns[-1].next_question
    question = None if asked is None else question_object(after, asked)
    if asked is not None and question is not None:
        parts += _contradiction(after, asked)
        if after.turns[-1].kind == "unclear" and question["hint"]:
            parts.append(question["hint"])
        parts.append(question["text"])
    return MessageAdded(role="interviewer", text="\n\n".join(parts), message_id=reply_id, question=question)


def _contradiction(after: InterviewState, asked: str) -> Iterator[str]:
    slot = slot_of(after.flow, question_of(after.flow, asked))
    contest = after.contests.get(slot.id)
    if contest is not None:
        before, now = (
            show_value(after.flow, after.language, slot, told.value) for told in (contest.before, contest.now)
        )
        yield after.flow.phrases.contradiction[after.language].replace("{before}", before).replace("{now}", now)


def question_object(state: InterviewState, id_: str) -> dict[str, Any]:
    """A question as clients see it. `number` of at most `most`; a repeated question keeps its number."""
    number = state.asked.index(id_) + 1
    level = state.assessment.level if state.assessment is not None else "high"
    most = max(number, state.flow.complexity.limits[level].most)
    return {**question_words(state.flow, state.language, id_), "number": number, "most": most}


def question_words(flow: Flow, language: str, id_: str) -> dict[str, Any]:
    """What a question says, whoever is asked. Raises StopIteration for an unknown id."""
    question = question_of(flow, id_)
    slot = slot_of(flow, question)
    return {
        "id": id_,
        "kind": slot.kind,
        "text": question.text[language],
        "reason": question.reason[language],
        "hint": question.hint.get(language, ""),
        "choices": _choices(flow, slot, language),
    }


def _choices(flow: Flow, slot: Slot, language: str) -> list[dict[str, str]]:
    options = flow.categories if slot.kind == "category" else slot.choices
    return [{"id": option.id, "title": option.title[language]} for option in options]


def _new_advice(before: Assessment | None, after: Assessment | None) -> Iterator[str]:
    """The advice of each danger that was not known before this turn."""
    known = {flag["id"] for flag in before.red_flags} if before is not None else set()
    for flag in after.red_flags if after is not None else ():
        if flag["id"] not in known:
            yield spoken_advice(flag)


def spoken_advice(flag: Mapping[str, Any]) -> str:
    """The advice for a danger as it stands in a message: screens that show it elsewhere find it by this."""
    return "\n".join([flag["advice"], *(f"{line['number']} – {line['title']}" for line in flag["numbers"])])


def _about(after: InterviewState, corrected: bool, noted: bool) -> Iterator[str]:
    """What became of the words just said."""
    turn, phrases = after.turns[-1], after.flow.phrases
    about = _phrase_of_kind(after, turn)
    if about is None and (noted or turn.kind == "extra"):
        about = phrases.noted
    if about is None and corrected:
        about = phrases.corrected
    if about is not None:
        yield about[after.language]
    if after.current is None and not after.done:
        yield phrases.opening[after.language]
    if after.done and turn.kind != "extra":
        yield phrases.closing[after.language]


def _phrase_of_kind(after: InterviewState, turn: Turn) -> Words | None:
    phrases = after.flow.phrases
    if turn.kind == "back":
        moved = turn.next_question != turn.question
        return phrases.going_back if moved else phrases.nothing_to_go_back_to
    plain = {"unclear": phrases.unclear, "off_topic": phrases.off_topic, "empty": phrases.empty}
    return plain.get(turn.kind)
