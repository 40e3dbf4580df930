"""What the turn verbs share: writing a step of the interview, and answering the same request the same way."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from conversations import transcript
from triage import broadcast, lanes, runs
from triage.access import Actor
from triage.analysis.base import Assessment
from triage.errors import IdempotencyKeyReused, InvalidInput
from triage.events import Event, MessageAdded, rfc3339
from triage.flows import engine
from triage.lanes import Place
from triage.models import Answer, Case, IdempotencyKey
from triage.orchestrator.alerting import raise_alerts
from triage.orchestrator.commit import move
from triage.orchestrator.ruling import pressing, ruling_of

LONGEST_MESSAGE = 10_000  # characters
KEYS_KEPT = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class TurnOutcome:
    """What a turn answers. `message` is the interviewer's reply; `timestamp` RFC 3339."""

    case_id: str
    message: str
    status: str
    timestamp: str
    complexity_hint: str | None
    confidence: float
    last_seq: int
    question: dict[str, Any] | None


def write_step(
    case: Case,
    step: engine.Step,
    *,
    number: int,
    at: datetime,
    before: Sequence[Event] = (),
    requeue: bool = False,
) -> TurnOutcome:
    """Write one step: messages, answer row, columns, events, and the run when the interview is over.

    In the caller's transaction; raises Moved. `before` are events that come first (a reopening).
    """
    ruled = ruling_of(case, step.state.assessment)
    columns = ruled.columns
    events = [*before, *ruled.ended, *ruled.told(step.events)]
    status = case.State.INTERVIEWING if case.state == case.State.EXPIRED else case.State(case.state)
    ends = requeue or (step.done and status == case.State.INTERVIEWING)
    place = None
    if ends:
        place = lanes.place_of(case, **pressing(columns))
        runs.supersede_failed(case)
    elif status == case.State.QUEUED:
        place = lanes.stand_anew(case, **pressing(columns))
    if place is not None:
        status = case.State.QUEUED
        events.append(place.event)
    question = step.state.current or "" if status == case.State.INTERVIEWING else ""
    last_seq = move(case, events, state=status, question=question, **columns)
    raise_alerts(case, step.state.flow, step.state.assessment)
    write_words(case, step, number=number, at=at)
    runs.forget_steps_of_queued(case)
    if ends and place is not None:
        open_run(case, place)
    return outcome(case, step, ruled.assessment, status=status, at=at, last_seq=last_seq)


def outcome(
    case: Case, step: engine.Step, assessment: Assessment | None, *, status: str, at: datetime, last_seq: int
) -> TurnOutcome:
    replies = [e for e in step.events if isinstance(e, MessageAdded) and e.role == "interviewer"]
    return TurnOutcome(
        case_id=case.pk,
        message=replies[-1].text if replies else "",
        status=str(status),
        timestamp=rfc3339(at),
        complexity_hint=assessment.level if assessment else None,
        confidence=assessment.confidence if assessment else 0.0,
        last_seq=last_seq,
        question=replies[-1].question if replies else None,
    )


def open_run(case: Case, place: Place) -> None:
    """Open a run and wake a worker; in the caller's transaction, behind `move`, which refuses who came second."""
    broadcast.work_due(runs.open_run(case, place).lane)


def write_words(case: Case, step: engine.Step, *, number: int, at: datetime) -> None:
    """The messages of a step and what became of the client's; behind `move`, in its transaction."""
    for said in (event for event in step.events if isinstance(event, MessageAdded)):
        transcript.say(case.conversation, said.message_id, said.role, said.text, at)
    turn = step.turn
    Answer.objects.create(
        case=case,
        number=number,
        message_id=turn.message_id,
        kind=turn.kind,
        question=turn.question or "",
        readings=[asdict(reading) for reading in turn.readings],
        next_question=turn.next_question or "",
        alarms=engine.turn_to_json(turn)["alarms"],
    )


def storable(text: str) -> str:
    """The text as it will be stored, in which spans are counted. Raises InvalidInput when it is too long."""
    if len(text) > LONGEST_MESSAGE:
        raise InvalidInput(fields={"message": f"At most {LONGEST_MESSAGE} characters."})
    # Composed letters: folding accents away keeps lengths only for these.
    return unicodedata.normalize("NFC", transcript.storable(text))


def request_hash(verb: str, **fields: Any) -> str:
    return hashlib.sha256(json.dumps([verb, fields], sort_keys=True).encode()).hexdigest()


def replayed(actor: Actor, key: str | None, hash_: str) -> TurnOutcome | None:
    """The outcome of an earlier request under the same key. Raises IdempotencyKeyReused."""
    if key is None:
        return None
    row = IdempotencyKey.objects.filter(actor=actor.key, key=key).first()
    if row is None:
        return None
    if row.request_hash != hash_:
        raise IdempotencyKeyReused
    return TurnOutcome(**row.response)


def forget_old_keys() -> int:
    """Nobody repeats a request after so long; the answers that were kept for it quote the interviewer."""
    gone, _ = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEYS_KEPT).delete()
    return gone


def keep_outcome(actor: Actor, key: str | None, hash_: str, made: TurnOutcome) -> None:
    """In the turn's transaction: a second request of the same key fails here and is then replayed."""
    if key is not None:
        IdempotencyKey.objects.create(
            actor=actor.key, key=key, request_hash=hash_, case_id=made.case_id, response=asdict(made)
        )
