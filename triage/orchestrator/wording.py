"""The next question in a model's words, between deciding a turn and committing it; nothing at all without a model."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import Any

from django.db import connection

from triage import broadcast
from triage.analysis.base import Cost
from triage.analysis.llm.phrasing import phrase, phrases
from triage.board import spending
from triage.events import MessageAdded
from triage.flows import engine


class Wording:
    """Of one turn. A model is asked once, however often the turn is decided: whoever lost a race to somebody else, and
    must now ask another question, has waited enough and takes the flow's words."""

    def __init__(self, case_id: str | None = None) -> None:
        """`case_id`: whose followers hear the words as they come; None: the case is not open yet."""
        self._case_id = case_id
        self._worded: tuple[str, str] | None = None
        self._spent: dict[str, Any] | None = None

    def of(self, step: engine.Step) -> engine.Step:
        """The step with the question's final words, in its message and in its question, as they will be stored.

        Only a message that is nothing but a question is worded: advice on a danger never waits for a model.
        """
        said = next((event for event in step.events if isinstance(event, MessageAdded) and _only_asks(event)), None)
        if said is None or said.question is None or not phrases():
            return step
        if self._worded is None:
            self._worded = (said.text, self._phrased(step, said.text))
        question, words = self._worded
        if said.text != question:
            return step
        worded = replace(said, text=words, question={**said.question, "text": words})
        return replace(step, events=tuple(worded if event is said else event for event in step.events))

    def count(self) -> None:
        """What the words cost, in the transaction that keeps them."""
        spending.count([self._spent] if self._spent else [])

    def _phrased(self, step: engine.Step, question: str) -> str:
        _lend_connection()
        told = None if self._case_id is None else partial(broadcast.message_delta, self._case_id)
        begun = time.monotonic()

        def paid(model: str, cost: Cost) -> None:
            milliseconds, tokens = round((time.monotonic() - begun) * 1000), cost.tokens_in + cost.tokens_out
            analyzer = f"{model} (wording)"
            self._spent = {"analyzer": analyzer, "tokens": tokens, "cost": cost.dollars, "ms": milliseconds}

        return phrase(question, step.state.facts(step.turn.at), told, paid=paid)


def _only_asks(event: MessageAdded) -> bool:
    return event.role == "interviewer" and event.question is not None and event.text == event.question["text"]


def _lend_connection() -> None:
    """A pool's connections are few: somebody else has this one while the model speaks."""
    if "pool" in connection.settings_dict["OPTIONS"] and not connection.in_atomic_block:
        connection.close()
