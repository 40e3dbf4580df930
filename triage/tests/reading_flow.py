"""A small flow with a slot of every kind, and short ways to read with it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from triage.analysis.base import Reading
from triage.flows.answers import read_answer, read_words
from triage.flows.schema import Flow, Question

WEDNESDAY = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
PT, EN = "pt-BR", "en"

_PHRASES = (
    "opening empty off_topic unclear nothing_to_go_back_to going_back corrected noted closing started gathering "
    "assessing composing completed failed cancelled expired reopened privacy disclaimer"
)


def _words(pt: str, en: str) -> dict[str, str]:
    return {PT: pt, EN: en}


def _slot(slot_id: str, kind: str, near: dict[str, list[str]] | None = None, **more: Any) -> dict[str, Any]:
    return {"id": slot_id, "title": _words(slot_id, slot_id), "kind": kind, "near": near or {}, **more}


def _choice(choice_id: str, pt: str, en: str, pt_terms: list[str], en_terms: list[str]) -> dict[str, Any]:
    return {"id": choice_id, "title": _words(pt, en), "terms": {PT: pt_terms, EN: en_terms}}


_SLOTS = [
    _slot("story", "text"),
    _slot(
        "happened", "date", {PT: ["demitid*", "aconteceu"], EN: ["dismissed", "happened"]}, greedy=True, prefer="past"
    ),
    _slot("hearing", "date", {PT: ["audiência"], EN: ["hearing"]}, prefer="future"),
    _slot("deadline", "date", {PT: ["prazo", "boleto"], EN: ["deadline"]}, prefer="future"),
    _slot("claim", "money", {PT: ["dev*"], EN: ["owe*"]}, greedy=True),
    _slot("salary", "money", {PT: ["salário"], EN: ["salary"]}),
    _slot("partners", "number", {PT: ["sóci(o|os|as)"], EN: ["partner*"]}),
    _slot("rents", "number", {PT: ["meses de aluguel"], EN: ["months of rent"]}),
    _slot("signed", "yes_no"),
    _slot("where", "place"),
    _slot("subject", "category"),
    _slot(
        "reason",
        "choice",
        choices=[
            _choice("unfair", "Sem justa causa", "Without cause", ["sem motivo"], ["no reason"]),
            _choice("fair", "Justa causa", "For cause", ["abandono de emprego"], ["misconduct"]),
            _choice("own", "Pedi demissão", "I resigned", ["pedi (a conta|as contas)"], ["i quit"]),
        ],
    ),
]


@cache
def flow() -> Flow:
    questions = [
        {"id": f"ask-{slot['id']}", "slot": slot["id"], "text": _words("?", "?"), "reason": _words("!", "!")}
        for slot in _SLOTS
    ]
    return Flow.model_validate(
        {
            "id": "small",
            "title": _words("Pequeno", "Small"),
            "description": _words("Pequeno", "Small"),
            "languages": [PT, EN],
            "negations": {PT: ["não", "nunca"], EN: ["not", "never", "didn't"]},
            "phrases": {name: _words("...", "...") for name in _PHRASES.split()},
            "commands": {"skip": {}, "back": {}, "small_talk": {}},
            "slots": _SLOTS,
            "questions": questions,
            "categories": [
                {"id": "work", "code": "WO", "title": _words("Trabalho e emprego", "Work and employment")},
                {"id": "family", "code": "FA", "title": _words("Família e filhos", "Family and children")},
                {"id": "other", "code": "OT", "title": _words("Outro assunto", "Something else")},
            ],
            "fallback_category": "other",
            "urgency": {
                "default_reason": _words("...", "..."),
                "titles": {"normal": _words("Normal", "Normal")},
                "hours": {"normal": 72},
            },
            "complexity": {"medium": 3, "high": 6, "titles": {}, "limits": {}},
        }
    )


def question(slot: str) -> Question:
    return next(one for one in flow().questions if one.slot == slot)


def reply(slot: str, text: str, language: str = PT, at: datetime = WEDNESDAY) -> Any:
    """The value that a reply gives to the slot it was asked for; None if it could not be read."""
    readings = read_answer(flow(), language, question(slot), text, at)
    return next((one.value for one in readings if one.slot == slot), None)


def heard(text: str, language: str = PT, at: datetime = WEDNESDAY, taken: tuple[str, ...] = ()) -> dict[str, Any]:
    """The slots that free words fill."""
    return {one.slot: one.value for one in read_words(flow(), language, text, at, taken)}


def reading(text: str, language: str = PT, at: datetime = WEDNESDAY) -> Reading:
    """The only reading of free words."""
    (only,) = read_words(flow(), language, text, at)
    return only


def reais(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "BRL"}
