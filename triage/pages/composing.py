"""The form in which a person answers: what is asked, how the answer is best typed, what else can be said."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from triage.flows.engine import question_words
from triage.flows.interview.state import question_of, slot_of
from triage.flows.schema import WordLists
from triage.pages.opened import Opened
from triage.pages.showing import question_asked
from triage.projection import CaseView

WRITABLE = frozenset({"interviewing", "expired", "queued"})
CORRECTABLE = WRITABLE | {"completed", "failed"}
INPUT_MODES = {"money": "decimal", "number": "numeric"}
CHOOSING = ("choice", "category", "yes_no")


@dataclass(frozen=True, slots=True)
class Composer:
    """`correcting`: an earlier answer is given anew. `options` are whole answers, one tap each.

    `key` names this one sending: pressed twice, it is taken once.
    """

    question_id: str
    kind: str
    asks: str
    reason: str
    hint: str
    number: int
    most: int
    options: list[str]
    input_mode: str
    example: str
    skip_word: str
    back_word: str
    correcting: bool
    text: str
    problem: str
    key: str


def composer(at: Opened, view: CaseView, *, change: str = "", text: str = "", problem: str = "") -> Composer | None:
    """The form for the open question, or for the one to `change`; None where nothing can be written now."""
    if not at.is_mine:
        return None
    changed = _to_change(at, view, change) if view.status in CORRECTABLE else None
    if changed is not None and change != (view.question or {}).get("id"):
        return _form(at, view, changed, correcting=True, text=text or _told_before(view, change), problem=problem)
    if view.status not in WRITABLE:
        return None
    return _form(at, view, view.question or {}, correcting=False, text=text, problem=problem)


def _form(
    at: Opened, view: CaseView, question: Mapping[str, Any], *, correcting: bool, text: str, problem: str
) -> Composer:
    kind = question.get("kind", "text")
    language = view.language
    return Composer(
        question_id=question.get("id", ""),
        kind=kind,
        asks=question.get("text", ""),
        reason=question.get("reason", ""),
        hint=question.get("hint", ""),
        number=question.get("number", 0),
        most=question.get("most", 0),
        options=_options(question),
        input_mode=INPUT_MODES.get(kind, "text"),
        example=_example(at, question),
        skip_word=spoken(at.flow.commands.skip, language) if question else "",
        back_word=spoken(at.flow.commands.back, language) if question and _can_go_back(question, correcting) else "",
        correcting=correcting,
        text="" if correcting and kind in CHOOSING else text,
        problem=problem,
        key=secrets.token_urlsafe(16),
    )


def _example(at: Opened, question: Mapping[str, Any]) -> str:
    """Short, since a phone shows some 22 characters beside the button."""
    kind = question.get("kind")
    if kind == "money":
        return _("e.g. 1,200")
    if kind != "date":
        return ""
    prefer = slot_of(at.flow, question_of(at.flow, question["id"])).prefer
    if prefer is None:
        return _("e.g. 3 March")
    return _("e.g. last Monday") if prefer == "past" else _("e.g. next Friday")


def _can_go_back(question: Mapping[str, Any], correcting: bool) -> bool:
    return not correcting and question["number"] > 1


def _options(question: Mapping[str, Any]) -> list[str]:
    if question.get("kind") == "yes_no":
        return [_("Yes"), _("No")]
    return [choice["title"] for choice in question.get("choices", ())]


def _to_change(at: Opened, view: CaseView, id_: str) -> Mapping[str, Any] | None:
    """A question that was put, or one that other words answered; None when there is no such answer to change."""
    if asked := question_asked(view, id_):
        return asked
    known = {entry["slot"] for entry in view.understood}
    if any(question.id == id_ and question.slot in known for question in at.flow.questions):
        return question_words(at.flow, view.language, id_)
    return None


def _told_before(view: CaseView, question: str) -> str:
    answers = (m for m in reversed(view.messages) if m["role"] == "client" and m["question"])
    return next((m["text"] for m in answers if m["question"]["id"] == question), "")


def spoken(commands: WordLists, language: str) -> str:
    """The first wording of a command that is plain words and no pattern."""
    return next((word for word in commands.get(language, ()) if not set(word) & set("*(|)") and " .. " not in word), "")
