"""Every mistake of a file, row by row, before anything of it is told.

Pure but for one question to the database, asked for hundreds of rows at once: which external ids were processed before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from django.utils.translation import gettext as _

from conversations import transcript
from triage.batches.models import BatchRow
from triage.batches.reading import Problem, Record
from triage.flows import engine
from triage.flows.engine import InterviewState, Said
from triage.flows.interview.replies import Reply, read_reply
from triage.flows.interview.state import slot_of
from triage.flows.schema import Category, Choice, Flow, Question

TOGETHER = 500  # rows
LONGEST_TEXT = 10_000  # characters; the verbs take no longer message
LONGEST_ID = 200
FIXED = ("text", "external_id")
_YES = frozenset({"true", "verdadeiro", "1", "s"})
_NO = frozenset({"false", "falso", "0"})


@dataclass(frozen=True, slots=True)
class Checked:
    """A row ready to be kept: `slots` are words by slot id, in the order in which they will be said."""

    line: int
    text: str = ""
    external_id: str = ""
    slots: dict[str, str] = field(default_factory=dict)
    state: BatchRow.State = BatchRow.State.WAITING
    problems: list[Problem] = field(default_factory=list)


def columns_of(flow: Flow) -> list[str]:
    """What a file for this flow may have; a slot that nobody asks for cannot be answered."""
    return [*FIXED, *dict.fromkeys(question.slot for question in flow.questions)]


def questions_of(flow: Flow) -> dict[str, Question]:
    """By slot: the question that its column answers."""
    return {question.slot: question for question in reversed(flow.questions)}


def identity_of(owner_id: int | None, flow_id: str, external_id: str) -> str | None:
    """By this a case is known to have been told before; without an external id nothing is."""
    if not external_id:
        return None
    return hashlib.sha256(f"{owner_id or ''}\n{flow_id}\n{external_id}".encode()).hexdigest()


class Checker:
    """`owner_id`: whose earlier batches count. `now` is when relative dates are said."""

    def __init__(self, flow: Flow, language: str, owner_id: int | None, now: datetime) -> None:
        self._flow = flow
        self._owner_id = owner_id
        self._now = now
        self._begun = engine.begin(flow, language)
        self._questions = questions_of(flow)
        self._lines: dict[bytes, int] = {}

    def check(self, records: Iterable[Record]) -> Iterator[list[Checked]]:
        """In portions, in the order of the file."""
        remaining = iter(records)
        while portion := list(islice(remaining, TOGETHER)):
            yield self._without_processed([self._row(record) for record in portion])

    def _row(self, record: Record) -> Checked:
        if record.problem is not None:
            return Checked(record.line, state=BatchRow.State.INVALID, problems=[record.problem])
        values = {name: transcript.storable(words) for name, words in record.values.items()}
        text, external_id = values.pop("text", ""), values.pop("external_id", "")
        slots = {slot: self._sayable(slot, values[slot]) for slot in self._questions if slot in values}
        problems = [*self._about_text(text), *self._about_id(external_id, record.line), *self._about_slots(slots)]
        state = BatchRow.State.INVALID if problems else BatchRow.State.WAITING
        return Checked(record.line, text, external_id[:LONGEST_ID], slots, state, problems)

    def _about_text(self, text: str) -> Iterator[Problem]:
        if not text:
            yield {"code": "text_empty", "column": "text"}
        elif len(text) > LONGEST_TEXT:
            yield {"code": "too_long", "column": "text"}
        elif read_opening(self._begun, text, self._now).kind != "answer":
            yield {"code": "says_nothing", "column": "text", "value": text[:80]}

    def _about_id(self, external_id: str, line: int) -> Iterator[Problem]:
        if len(external_id) > LONGEST_ID:
            yield {"code": "too_long", "column": "external_id"}
        if external_id:
            digest = hashlib.blake2b(external_id.encode(), digest_size=16).digest()
            first = self._lines.setdefault(digest, line)
            if first != line:
                yield {"code": "duplicate_id", "column": "external_id", "value": external_id[:80], "line": str(first)}

    def _about_slots(self, slots: dict[str, str]) -> Iterator[Problem]:
        for slot, words in slots.items():
            if len(words) > LONGEST_TEXT:
                yield {"code": "too_long", "column": slot}
            elif not is_understood(self._begun, self._questions[slot], words, self._now):
                yield {"code": "not_understood", "column": slot, "value": words[:80]}

    def _sayable(self, slot_id: str, words: str) -> str:
        """Ids of choices and the yes and no of spreadsheets, as a person would say them."""
        slot, language = slot_of(self._flow, self._questions[slot_id]), self._begun.language
        if slot.kind == "yes_no":
            yes, no = ("sim", "não") if language.startswith("pt") else ("yes", "no")
            return yes if words.lower() in _YES else no if words.lower() in _NO else words
        options: Sequence[Choice | Category] = self._flow.categories if slot.kind == "category" else slot.choices
        return next((option.title[language] for option in options if option.id == words), words)

    def _without_processed(self, rows: list[Checked]) -> list[Checked]:
        identities = {row.line: identity_of(self._owner_id, self._flow.id, row.external_id) for row in rows}
        known = BatchRow.objects.filter(identity__in=[found for found in identities.values() if found])
        processed = set(known.values_list("identity", flat=True))
        return [
            replace(row, state=BatchRow.State.SKIPPED)
            if row.state == BatchRow.State.WAITING and identities[row.line] in processed
            else row
            for row in rows
        ]


def said(text: str, at: datetime, question: str | None = None, *, id_: str = "", reply_id: str = "") -> Said:
    return Said(message_id=id_, text=text, at=at, reply_id=reply_id, question=question)


def asked(state: InterviewState, question: str) -> InterviewState:
    """As if this question were the open one: a column answers it whether the interviewer came to ask it or not."""
    return replace(state, current=question)


def read_opening(state: InterviewState, text: str, at: datetime) -> Reply:
    return read_reply(state, said(text, at), None)


def is_understood(state: InterviewState, question: Question, words: str, at: datetime) -> bool:
    """Whether the words, as a reply to the question, give its slot a value."""
    reply = read_reply(asked(state, question.id), said(words, at, question.id), question.id)
    return reply.kind == "answer" and any(reading.slot == question.slot for reading in reply.readings)


def sentence(problem: Problem) -> str:
    """A problem in the language that is active."""
    about = {"column": problem.get("column", ""), "value": problem.get("value", ""), "line": problem.get("line", "")}
    return CODES[problem["code"]]() % about


CODES = {
    "text_empty": lambda: _("The text is missing."),
    "too_long": lambda: _("“%(column)s” is too long."),
    "says_nothing": lambda: _("The text tells no case: “%(value)s”."),
    "duplicate_id": lambda: _("The external id “%(value)s” stands in line %(line)s already."),
    "not_understood": lambda: _("“%(value)s” is not understood as “%(column)s”."),
    "unknown_column": lambda: _("There is no column “%(column)s”."),
    "not_one_value": lambda: _("“%(column)s” must be one value."),
    "too_many_fields": lambda: _("There are more values than columns."),
    "not_json": lambda: _("This is not JSON."),
    "not_an_object": lambda: _("This is not a JSON object."),
    "not_told": lambda: _("The case could not be opened (%(value)s)."),
}
"""Every code of a problem, which is stable, and its words."""
