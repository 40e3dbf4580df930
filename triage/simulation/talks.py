"""Two ways to question the same person: the interview, and the same flow as a fixed form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from triage.analysis.assess import assess, scene_of
from triage.analysis.base import Assessment, Turn
from triage.analysis.rules import RulesAnalyzer
from triage.events import Event, MessageAdded
from triage.flows.conditions import holds
from triage.flows.engine import InterviewState, Said, begin, step
from triage.flows.interview.replies import read_reply
from triage.flows.interview.state import question_of, slot_of
from triage.flows.schema import Flow, Question
from triage.simulation.client import Answer, Client
from triage.simulation.persona import Persona

BEGINNING = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
"""Personas know their days relative to this one, a Tuesday."""
_RULES = RulesAnalyzer()
_MOST_LINES = 100
_MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Line:
    """What was asked (None: to tell the case), what was answered, what was known afterwards and said in return."""

    question: str | None
    answer: Answer
    kind: str
    flags: frozenset[str]
    reply: str
    asks_about: str | None
    """The slot of the next question, when that asks about a contradiction."""


@dataclass(frozen=True, slots=True)
class Talk:
    lines: list[Line]
    assessment: Assessment
    slots: frozenset[str]

    @property
    def questions(self) -> int:
        """Every time that somebody had to answer one, repetitions too."""
        return sum(line.question is not None for line in self.lines)


def interview(flow: Flow, persona: Persona) -> Talk:
    client = Client(persona, flow)
    lines: list[Line] = []
    state, question = begin(flow, persona.language), None
    while len(lines) < _MOST_LINES:
        answer = client.open() if question is None else client.answer(question, frozenset(state.slots))
        made = step(state, said(len(lines), answer.text), _RULES)
        state = made.state
        lines.append(_line(state, question, answer, made.events, made.turn.kind))
        question = state.current
        if made.done:
            break
    assert state.assessment is not None
    return Talk(lines, state.assessment, frozenset(state.slots))


def fixed_form(flow: Flow, persona: Persona, *, reads_ahead: bool) -> Talk:
    """Every question whose `when` holds, in the order of the file; none is left out as irrelevant.

    `reads_ahead`: unlike paper, it leaves out what earlier words have told already.
    """
    client = Client(persona, flow)
    lines: list[Line] = []
    state = begin(flow, persona.language)
    asked: list[str] = []
    question: str | None = None
    while len(lines) < _MOST_LINES:
        answer = client.open() if question is None else client.answer(question, frozenset(state.slots))
        state = _heard(replace(state, current=question), said(len(lines), answer.text), question)
        lines.append(Line(question, answer, state.turns[-1].kind, frozenset(), "", None))
        again = state.turns[-1].kind not in ("answer", "skip") and asked.count(question or "") < _MOST_TRIES
        following = question if again and question else _following(state, asked, reads_ahead)
        if following is None:
            break
        question = following
        asked.append(question)
    return Talk(lines, _assessed(state), frozenset(state.slots))


def _heard(state: InterviewState, message: Said, question: str | None) -> InterviewState:
    reply = read_reply(state, message, question)
    turn = Turn(message.message_id, message.text, message.at, reply.kind, question, reply.readings, None)
    return replace(state, turns=(*state.turns, turn))


def _following(state: InterviewState, asked: list[str], reads_ahead: bool) -> str | None:
    facts = state.facts(state.turns[-1].at)
    scene = scene_of(facts, _RULES.analyse(facts))

    def is_due(question: Question) -> bool:
        told = reads_ahead and question.slot in state.slots
        return question.id not in asked and not told and holds(question.when, scene)

    return next((question.id for question in state.flow.questions if is_due(question)), None)


def _assessed(state: InterviewState) -> Assessment:
    facts = state.facts(state.turns[-1].at)
    return assess(facts, _RULES.analyse(facts))


def said(number: int, text: str) -> Said:
    """Message `number`, a minute after the one before."""
    return Said(f"m{number}", text, BEGINNING + timedelta(minutes=number), f"r{number}")


def _line(state: InterviewState, question: str | None, answer: Answer, events: tuple[Event, ...], kind: str) -> Line:
    reply = [event.text for event in events if isinstance(event, MessageAdded)][-1]
    raised = frozenset(flag["id"] for flag in state.assessment.red_flags) if state.assessment else frozenset()
    asked = state.current and slot_of(state.flow, question_of(state.flow, state.current)).id
    contested = asked if asked in state.contests else None
    return Line(question, answer, kind, raised, reply, contested)
