"""A flow of three questions for tests, and what a person says to it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import yaml

from triage.analysis.rules import RulesAnalyzer
from triage.events import Event, MessageAdded
from triage.flows.checks import parse_flow
from triage.flows.engine import InterviewState, Said, Step, begin, step
from triage.flows.schema import Flow

T = TypeVar("T", bound=Event)
_DATA: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "flows" / "three-questions.yaml").read_text("utf-8"))
NOON = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)  # noon in São Paulo
RULES = RulesAnalyzer()


def flow_data() -> dict[str, Any]:
    """The file's content; every caller may change its own copy."""
    return copy.deepcopy(_DATA)


def flow_with(change: Callable[[dict[str, Any]], None]) -> Flow:
    data = flow_data()
    change(data)
    return parse_flow(data)


SMALL = parse_flow(flow_data())


class Interview:
    """Somebody talks, one message a minute."""

    def __init__(self, flow: Flow = SMALL, language: str = "pt-BR") -> None:
        self.state: InterviewState = begin(flow, language)
        self.steps: list[Step] = []

    def say(self, text: str, *, question: str | None = None, extra: bool = False) -> Step:
        number = len(self.steps) + 1
        at = NOON + timedelta(minutes=number)
        said = Said(f"m{number}", text, at, f"r{number}", question, extra)
        self.steps.append(step(self.state, said, RULES))
        self.state = self.steps[-1].state
        return self.steps[-1]

    @property
    def values(self) -> dict[str, Any]:
        return {slot: known.value for slot, known in self.state.slots.items()}


def reply_in(made: Step) -> MessageAdded:
    """The interviewer's message."""
    return only(made, MessageAdded)[-1]


def only(made: Step, kind: type[T]) -> list[T]:
    return [event for event in made.events if isinstance(event, kind)]


def wide_flow(questions: int, least: int, most: int) -> Flow:
    """The small flow with more questions: texts that decide nothing, and a chain in which each waits for the last."""

    def widen(data: dict[str, Any]) -> None:
        for number in range(questions):
            kind = "text" if number % 2 else "yes_no"
            name = f"more{number}"
            title = {"pt-BR": f"Mais {number}", "en": f"More {number}"}
            question = {"id": name, "slot": name, "text": title, "reason": title, "weight": number % 7}
            if number >= 2:
                question["when"] = {"slot": f"more{number - 2}"}
            data["slots"].append({"id": name, "title": title, "kind": kind})
            data["questions"].append(question)
        for limit in data["complexity"]["limits"].values():
            limit.update(least=least, most=most)

    return flow_with(widen)
