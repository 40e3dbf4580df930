"""The next question in words that follow on what was said, if a model finds some in time. It never makes one up."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from django.conf import settings

from triage.analysis.base import Cost, Facts
from triage.analysis.llm import prompts
from triage.analysis.llm.configuration import model_names
from triage.analysis.llm.errors import ModelFailed
from triage.breaker import Postponed

if TYPE_CHECKING:
    from triage.analysis.llm.calls import Build

log = structlog.get_logger(__name__)

_ADDRESS = re.compile(r"\S*(?:://|@|www\.)\S*|\b[\w-]+\.[^\W\d_]{2,}\b", re.IGNORECASE)
_DIGITS = re.compile(r"\d(?:[\s().+/-]{0,3}\d){2,}")
"""Three digits and more may be a telephone number (190); shorter ones cannot."""


def phrases() -> bool:
    """Whether questions are worded by a model at all."""
    return bool(model_names()) and settings.TRIAGE_LLM_PHRASE_TIMEOUT > 0


def phrase(
    question: str,
    facts: Facts,
    told: Callable[[str], None] | None = None,
    *,
    paid: Callable[[str, Cost], None] | None = None,
    build: Build | None = None,
) -> str:
    """The question in the model's words, or as the flow has it when those are late, refused or none.

    `told` gets the words as they come, in pieces, each looked at before; what it was told may still be refused as
    a whole, so only what is returned counts. `paid` gets the model's name and what its words cost, used or not, as far
    as the provider tells: of words that were broken off it tells nothing. Never raises for anything the model does.
    """
    if not phrases():
        return question
    from triage.analysis.llm import calls

    listener = _Listener(question, told)
    name = model_names()[0]
    try:
        answered = calls.stream(
            name,
            instructions=prompts.wording(facts.flow, facts.language),
            prompt=prompts.question_data(question, facts),
            heard=listener.hear,
            seconds=settings.TRIAGE_LLM_PHRASE_TIMEOUT,
            build=build,
        )
        said, cost, why = answered.output.strip(), answered.cost, None
    except Postponed:
        return question
    except ModelFailed as error:
        said, cost, why = "", error.cost, error.code
    if paid is not None:
        paid(name, cost)
    if why := why or refusal(question, said):
        log.warning("question_not_phrased", model=name, code=why)
        return question
    listener.finish(said)
    return said


def refusal(question: str, said: str) -> str | None:
    """Why these words do not ask the question; None: they may."""
    if not said:
        return "empty"
    if "?" in question and "?" not in said:
        return "asks_nothing"
    return _forbidden(question, said)


def _forbidden(question: str, said: str) -> str | None:
    """What no beginning of an answer may hold either."""
    if len(said) > 3 * len(question) + 200:
        return "too_long"
    if _addresses(said) - _addresses(question):
        return "has_address"
    if _numbers(said) - _numbers(question):
        return "has_number"
    return None


def _addresses(text: str) -> set[str]:
    return {found.group().casefold() for found in _ADDRESS.finditer(text)}


def _numbers(text: str) -> set[str]:
    return {re.sub(r"\D", "", found.group()) for found in _DIGITS.finditer(text)}


class _Listener:
    """Passes words on in pieces of whole words: half an address looks harmless."""

    def __init__(self, question: str, told: Callable[[str], None] | None) -> None:
        self._question = question
        self._told = told
        self._passed = 0

    def hear(self, said: str) -> bool:
        said = said.lstrip()
        if _forbidden(self._question, said) is not None:
            return False
        whole = re.match(r".*\s(?!\s)", said, re.DOTALL)
        if whole is not None and not said[: whole.end()].rstrip()[-1:].isdigit():  # a number may go on
            self._pass(said, whole.end())
        return True

    def finish(self, said: str) -> None:
        self._pass(said, len(said))

    def _pass(self, said: str, end: int) -> None:
        if self._told is not None and end > self._passed:
            self._told(said[self._passed : end])
            self._passed = end
