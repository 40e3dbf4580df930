"""What the interview knows so far: from memory when it is fresh, else folded from the rows."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from conversations import memory
from conversations.errors import MemoryUnavailable
from triage.analysis.base import Facts, Listener, Turn
from triage.analysis.codecs import ASSESSMENT
from triage.flows import engine
from triage.flows.interview.state import Contest
from triage.flows.loader import flow_of
from triage.models import Answer, Case

log = structlog.get_logger(__name__)


@lru_cache(maxsize=1)
def analyzer() -> Listener:
    made: Listener = import_string(settings.TRIAGE_ANALYZER)()
    return made


def recollect(case: Case) -> tuple[engine.InterviewState, bool]:
    """The interview as of `case.version`, and whether Redis answered.

    Memory of another version is not used, so a lost write to it can never be served.
    """
    try:
        body = memory.recall(case.conversation_id, case.version)
    except MemoryUnavailable as error:
        log.warning("memory_unavailable", case=case.pk, error=str(error))
        return fold_rows(case), False
    if body is not None:
        try:
            return _from_body(case, body), True
        except (KeyError, TypeError, ValueError):
            log.warning("memory_discarded", case=case.pk)
    return fold_rows(case), True


def fold_rows(case: Case) -> engine.InterviewState:
    return engine.fold(flow_of(case.flow_id), case.language, turns_of(case), analyzer(), case.flow_id)


def facts_of(case: Case) -> Facts:
    """What an analysis looks at: the turns alone say it, so nothing is assessed to get it."""
    told = _told(case)
    return told.facts(told.turns[-1].at)


def contests_of(case: Case) -> dict[str, Contest]:
    """By slot, what was told in two ways, as long as nobody said which is right."""
    return _told(case).contests


def _told(case: Case) -> engine.InterviewState:
    return replace(engine.begin(flow_of(case.flow_id), case.language, case.flow_id), turns=tuple(turns_of(case)))


def turns_of(case: Case) -> list[Turn]:
    """The case's turns as they were read when they were said; words are never parsed a second time."""
    rows = Answer.objects.filter(case=case).select_related("message").order_by("number")
    return [
        engine.turn_from_json(
            {
                "message_id": row.message_id,
                "text": row.message.text,
                "at": row.message.said_at.isoformat(),
                "kind": row.kind,
                "question": row.question or None,
                "readings": row.readings,
                "next_question": row.next_question or None,
                "alarms": row.alarms,
            }
        )
        for row in rows
    ]


def remember(case: Case, version: int, state: engine.InterviewState) -> None:
    """Once the transaction commits, refresh the memory; without Redis the rows still know."""

    def write() -> None:
        try:
            memory.remember(case.conversation_id, version, _to_body(state))
        except MemoryUnavailable as error:
            log.warning("memory_unavailable", case=case.pk, error=str(error))

    transaction.on_commit(write, robust=True)


def _to_body(state: engine.InterviewState) -> dict[str, Any]:
    return {
        "turns": [engine.turn_to_json(turn) for turn in state.turns],
        "assessment": ASSESSMENT.dump_python(state.assessment, mode="json") if state.assessment else None,
        "current": state.current,
        "done": state.done,
    }


def _from_body(case: Case, body: dict[str, Any]) -> engine.InterviewState:
    """Raises KeyError, TypeError or ValueError for anything that `_to_body` did not write."""
    turns = tuple(engine.turn_from_json(turn) for turn in body["turns"])
    assessment = ASSESSMENT.validate_python(body["assessment"]) if body["assessment"] is not None else None
    flow = flow_of(case.flow_id)
    begun = engine.begin(flow, case.language, case.flow_id)
    return replace(begun, turns=turns, assessment=assessment, current=body["current"], done=bool(body["done"]))
