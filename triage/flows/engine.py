"""The interview, as a fold of turns: a state and a message in, a state, a turn and events out.

Pure, as far as its analyzer is: no I/O, no clock, no randomness. Words are read once, when they are said; what was read
stands in the turn. So the turns alone rebuild the state (`fold`), and an interview may go on in another process at
any point.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from triage.analysis.assess import assess, scene_of
from triage.analysis.base import Analyzer, Assessment, Listener, Turn
from triage.events import AssessmentUpdated, ComplexityUpdate, Event, MessageAdded, TriageUpdate
from triage.flows.interview.choosing import Agenda, agenda, choose
from triage.flows.interview.replies import Reply, Said, read_reply
from triage.flows.interview.speaking import question_object, question_words, speak
from triage.flows.interview.state import SETTLING, InterviewState
from triage.flows.interview.turns import turn_from_json, turn_to_json
from triage.flows.schema import Flow

__all__ = [
    "InterviewState",
    "Said",
    "Step",
    "begin",
    "fold",
    "question_object",
    "question_words",
    "step",
    "turn_from_json",
    "turn_to_json",
]

_INTERVIEW_SHARE = 50
"""The interview is this part of a case's progress; the analysis is the rest."""


@dataclass(frozen=True, slots=True)
class Step:
    turn: Turn
    state: InterviewState
    events: tuple[Event, ...]
    done: bool


def begin(flow: Flow, language: str, version: int = 0) -> InterviewState:
    """Nobody has said anything; the opening phrase invites to tell the case. `version`: as of `Facts`."""
    return InterviewState(flow, language, (), None, None, False, version)


def fold(flow: Flow, language: str, turns: Iterable[Turn], analyzer: Analyzer, version: int = 0) -> InterviewState:
    """The state that these turns led to, however it was lost."""
    reached = replace(begin(flow, language, version), turns=tuple(turns))
    return _arrive(reached, _look(reached, analyzer)[0]) if reached.turns else reached


def step(state: InterviewState, said: Said, analyzer: Listener) -> Step:
    """Read one message, revise the assessment, choose the next question.

    A message that names an answered question corrects it. Once the interview is done nothing is asked any more, and
    a message that corrects nothing is extra.
    """
    if state.done and said.question is None:
        said = replace(said, extra=True)
    target = None if said.extra else said.question or state.current
    corrected = target is not None and target != state.current
    reply = read_reply(state, said, target)
    turn = Turn(said.message_id, said.text, said.at, reply.kind, target, reply.readings, None)
    turn = _listened(replace(state, turns=(*state.turns, turn)), analyzer)
    reached = replace(state, turns=(*state.turns, turn))
    assessment, plan = _look(reached, analyzer)
    turn = replace(turn, next_question=_next(reached, assessment, plan))
    after = _arrive(replace(state, turns=(*state.turns, turn)), assessment)
    return Step(turn, after, _events(state, after, said, reply, corrected), after.done)


def _listened(state: InterviewState, analyzer: Listener) -> Turn:
    """The last turn, with what it hints at: whoever reads it later need not hear it again."""
    turn = state.turns[-1]
    facts = state.facts(turn.at)
    said = next((one for one in reversed(facts.utterances) if one.message_id == turn.message_id), None)
    return replace(turn, alarms=analyzer.alarms(facts, said)) if said else turn


def _look(state: InterviewState, analyzer: Analyzer) -> tuple[Assessment | None, Agenda]:
    """The assessment and what could be asked next; nothing to assess before the case is told.

    Neither depends on what the last turn asks in return, so they are the same before and after choosing.
    """
    if state.awaits_opening:
        return None, Agenda([], 0)
    facts = state.facts(state.turns[-1].at)
    finding = analyzer.analyse(facts)
    scene = scene_of(facts, finding)
    assessment = assess(facts, finding, scene=scene)
    plan = agenda(state, finding, assessment, scene)
    return replace(assessment, missing=plan.missing()), plan


def _arrive(state: InterviewState, assessment: Assessment | None) -> InterviewState:
    """The last turn says what is open now."""
    current = state.turns[-1].next_question
    done = current is None and not state.awaits_opening
    return replace(state, assessment=assessment, current=current, done=done)


def _next(state: InterviewState, assessment: Assessment | None, plan: Agenda) -> str | None:
    """What to ask after the last turn; None when there is nothing more, or the case was not told yet."""
    turn = state.turns[-1]
    if state.done or turn.kind == "extra" or assessment is None:
        return None
    if turn.kind == "back":
        return _previous(state)
    return choose(state, assessment, plan) if turn.kind in SETTLING else turn.question


def _previous(state: InterviewState) -> str | None:
    """The question settled before the open one, in the order of asking; else the open one again."""
    asked = state.asked
    before = asked[: asked.index(state.current)] if state.current in asked else asked
    return next((question for question in reversed(before) if question in state.settled), state.current)


def _events(
    before: InterviewState, after: InterviewState, said: Said, reply: Reply, corrected: bool
) -> tuple[Event, ...]:
    """In the order in which people should see them."""
    answered = after.turns[-1].question
    asked = None if answered is None else {"id": answered}
    events: list[Event] = [MessageAdded("client", said.text, said.message_id, asked)]
    events += _revised(before.assessment, after.assessment, reply)
    events.append(speak(before, after, said.reply_id, corrected=corrected, noted=reply.noted))
    if reply.kind != "extra":
        gathering = after.flow.phrases.gathering[after.language]
        events.append(TriageUpdate(gathering, _progress(after), "interview"))
    return tuple(events)


def _revised(before: Assessment | None, after: Assessment | None, reply: Reply) -> list[Event]:
    if after is None:
        return []
    events: list[Event] = []
    if reply.kind in (*SETTLING, "extra") or after != before:
        events.append(
            AssessmentUpdated(
                after.category,
                after.alternatives,
                after.urgency,
                after.red_flags,
                after.understood,
                after.missing,
            )
        )
    previous = None if before is None else {"level": before.level, "confidence": before.confidence}
    if previous != {"level": after.level, "confidence": after.confidence}:
        events.append(ComplexityUpdate(after.level, after.confidence, after.score, after.factors, previous))
    return events


def _progress(state: InterviewState) -> int:
    """Grows with every new question and never falls, whatever the level becomes."""
    if state.done:
        return _INTERVIEW_SHARE
    most = max(limit.most for limit in state.flow.complexity.limits.values())
    return _INTERVIEW_SHARE * len(state.asked) // (most + 1)
