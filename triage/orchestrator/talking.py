"""One turn of the conversation."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations.ids import new_id
from triage.access import Actor, access_case
from triage.errors import CaseNotOpen, StaleQuestion
from triage.events import Event, TriageReopened
from triage.flows import engine
from triage.flows.loader import flow_of
from triage.models import Case
from triage.orchestrator.commit import settle
from triage.orchestrator.recollection import analyzer, fold_rows, recollect, remember
from triage.orchestrator.turns import TurnOutcome, keep_outcome, replayed, request_hash, storable, write_step
from triage.orchestrator.wording import Wording


@dataclass(frozen=True, slots=True)
class _Request:
    actor: Actor
    case_id: str
    text: str
    question: str | None
    key: str | None
    hash: str


def answer(
    *, actor: Actor, case_id: str, text: str, question: str | None = None, key: str | None = None
) -> TurnOutcome:
    """Take what a person said. It never waits for the analysis.

    `question`: None means the open question; one answered before means a correction, which queues a finished case
    again. `key`: the same request under the same key gets the first answer.
    Raises CaseNotFound, NotSignedIn, NotAllowed, StaleQuestion, CaseNotOpen, CaseBusy,
    IdempotencyKeyReused, InvalidInput (too long).
    """
    text = storable(text)
    request = _Request(
        actor, case_id, text, question, key, request_hash("answer", case=case_id, text=text, question=question)
    )
    try:
        return settle(_Turn(request))
    except IntegrityError:  # the same key, at the same time
        if (made := replayed(actor, key, request.hash)) is not None:
            return made
        raise


class _Turn:
    """One try after the other; a Redis that did not answer once is not asked again for this turn."""

    def __init__(self, request: _Request) -> None:
        self.request = request
        self.redis_answers = True
        self.wording = Wording(request.case_id)

    def __call__(self) -> TurnOutcome:
        request = self.request
        if (made := replayed(request.actor, request.key, request.hash)) is not None:
            return made
        case = access_case(request.actor, request.case_id, to_speak=True)
        if self.redis_answers:
            state, self.redis_answers = recollect(case)
        else:
            state = fold_rows(case)
        said = _said(case, state, request)
        step = self.wording.of(engine.step(state, said, analyzer()))
        return _commit(request, case, said, step, self.wording, refresh_memory=self.redis_answers)


def _commit(
    request: _Request, case: Case, said: engine.Said, step: engine.Step, wording: Wording, *, refresh_memory: bool
) -> TurnOutcome:
    with transaction.atomic():
        made = write_step(
            case,
            step,
            number=len(step.state.turns),
            at=said.at,
            before=_reopening(case, request.actor),
            requeue=case.state in (Case.State.COMPLETED, Case.State.FAILED),
        )
        keep_outcome(request.actor, request.key, request.hash, made)
        wording.count()
        if refresh_memory:
            remember(case, case.version + 1, step.state)
    return made


def _said(case: Case, state: engine.InterviewState, request: _Request) -> engine.Said:
    """Check that the case takes these words now. Raises StaleQuestion or CaseNotOpen."""
    question = request.question if request.question != state.current else None
    correction = question is not None and _is_answered(state, question)
    if question is not None and not correction:
        raise StaleQuestion
    interviewing = case.state in (Case.State.INTERVIEWING, Case.State.EXPIRED)
    finished = case.state in (Case.State.COMPLETED, Case.State.FAILED)
    if not (interviewing or case.state == Case.State.QUEUED or (finished and correction)):
        raise CaseNotOpen
    return engine.Said(
        message_id=new_id("msg"),
        text=request.text,
        at=timezone.now(),
        reply_id=new_id("msg"),
        question=question,
        extra=not interviewing and not correction,
    )


def _is_answered(state: engine.InterviewState, question: str) -> bool:
    """Answered or skipped when it was asked, or by words that answered something else."""
    return question in state.settled or any(
        asked.id == question and asked.slot in state.slots for asked in state.flow.questions
    )


def _reopening(case: Case, actor: Actor) -> list[Event]:
    status = {
        Case.State.EXPIRED: Case.State.INTERVIEWING,
        Case.State.COMPLETED: Case.State.QUEUED,
        Case.State.FAILED: Case.State.QUEUED,
    }.get(Case.State(case.state))
    if status is None:
        return []
    reason = "came_back" if status == Case.State.INTERVIEWING else "corrected"
    message = flow_of(case.flow_id).phrases.reopened[case.language]
    return [TriageReopened(reason=reason, by=actor.by, message=message, status=str(status))]
