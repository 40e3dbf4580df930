"""From what the log says of a case to what its pages show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from triage.events import Stored
from triage.flows.interview.speaking import spoken_advice
from triage.flows.schema import Flow
from triage.pages.wording import moment
from triage.projection import CaseView


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message. The `dangers` that it first tells of stand at its beginning, the question that it `asks` at its end.

    `changes`: the question whose standing answer this is, and which can be answered anew.
    """

    id: str
    mine: bool
    dangers: list[Mapping[str, Any]]
    text: str
    asks: str
    at: datetime
    changes: str


def bubbles(view: CaseView, settled: Mapping[str, str]) -> list[Bubble]:
    return [_bubble(message, view.red_flags, settled) for message in view.messages]


def _bubble(message: Mapping[str, Any], red_flags: Iterable[Mapping[str, Any]], settled: Mapping[str, str]) -> Bubble:
    mine = message["role"] == "client"
    dangers, text, asked = ([], message["text"], "") if mine else _told(message, red_flags)
    changes = settled.get(message["message_id"], "")
    return Bubble(message["message_id"], mine, dangers, text, asked, moment(message["at"]), changes)


def _told(
    message: Mapping[str, Any], red_flags: Iterable[Mapping[str, Any]]
) -> tuple[list[Mapping[str, Any]], str, str]:
    """Dangers, the rest, and the question. The numbers under an advice are buttons on the page and not repeated."""
    text, dangers = message["text"], []
    for flag in red_flags:
        spoken = spoken_advice(flag)
        if spoken in text:
            text = text.replace(spoken, "", 1)
            dangers.append(flag)
    asked = message["question"]["text"] if message["question"] else ""
    if not text.endswith(asked):
        asked = ""
    return dangers, text.removesuffix(asked).strip(), asked


def question_asked(view: CaseView, id_: str) -> dict[str, Any] | None:
    """A question as it was last put to the person."""
    asked = (m["question"] for m in reversed(view.messages) if m["role"] == "interviewer" and m["question"])
    return next((question for question in asked if question["id"] == id_), None)


def helplines(red_flags: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The numbers of all dangers, each once: first the one that each danger names first, then the others."""
    found: dict[str, dict[str, str]] = {}
    for rank in zip_longest(*(flag["numbers"] for flag in red_flags)):
        for line in filter(None, rank):
            found.setdefault(line["number"], line)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Understanding:
    """One thing we understood, the words it was read from, and the question that can correct it ("": none)."""

    title: str
    text: str
    said: str
    changes: str


def understandings(understood: Iterable[Mapping[str, Any]], flow: Flow, *, correctable: bool) -> list[Understanding]:
    """What was read from words that answered another question, or none, can be corrected just as well."""
    by_slot = {question.slot: question.id for question in flow.questions} if correctable else {}
    return [
        Understanding(
            title=entry["title"],
            text=entry["text"],
            said=entry["evidence"]["text"],
            changes=by_slot.get(entry["slot"], ""),
        )
        for entry in understood
    ]


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of the story of a case."""

    text: str
    at: datetime


def story(events: Iterable[Stored], view: CaseView) -> list[Moment]:
    """What happened, in plain words; what was said is one line, not one for each message."""
    lines: dict[str, Moment] = {}
    waits = False  # while it does, another `triage_queued` only says that it stands elsewhere in the queue
    for event in events:
        if event.type == "message_added" and event.data["role"] == "client":
            count = sum(message["role"] == "client" for message in view.messages)
            words = ngettext("You wrote %(n)d message", "You wrote %(n)d messages", count) % {"n": count}
            lines.pop("said", None)  # it moves to where the last of them was said
            lines["said"] = Moment(words, event.at)
        elif (text := _line(event)) is not None and not (waits and event.type == "triage_queued"):
            lines[f"{event.seq}"] = Moment(text, event.at)
        waits = event.type == "triage_queued" or (waits and event.type != "triage_reopened")
    return list(lines.values())  # in the order of the log: clocks may step back


def _line(event: Stored) -> str | None:
    if event.type == "triage_queued":
        return _("Your words were handed over to be analysed")
    if event.type == "triage_completed":
        return _("The result is ready")
    if event.type == "priority_changed":
        return _("The team changed how soon your case is analysed")
    if event.type == "case_overridden":
        return _("A person of the team looked at your case and corrected it")
    if event.type == "triage_update":
        return None if event.data["stage"] == "interview" else str(event.data["message"])
    return str(event.data["message"]) if "message" in event.data else None
