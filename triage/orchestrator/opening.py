"""Opening a case."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations import transcript
from conversations.ids import new_id
from conversations.models import Conversation
from triage.access import Actor
from triage.events import MessageAdded, TriageStarted, rfc3339
from triage.flows import engine
from triage.flows.loader import choose_language, current_version, flow_of
from triage.flows.schema import Flow
from triage.models import Case, FlowVersion, GuestAccess
from triage.orchestrator.commit import move
from triage.orchestrator.recollection import analyzer, remember
from triage.orchestrator.turns import TurnOutcome, keep_outcome, replayed, request_hash, storable, write_step
from triage.orchestrator.wording import Wording


def open_case(
    *,
    actor: Actor,
    flow_id: str,
    language: str | None = None,
    text: str = "",
    consented: bool = False,
    key: str | None = None,
) -> TurnOutcome:
    """Open a case for `actor`; with `text`, the first turn is taken in the same transaction.

    Raises UnknownFlow, UnknownLanguage, IdempotencyKeyReused, InvalidInput (too long).
    """
    text = storable(text)
    hash_ = request_hash("open", flow=flow_id, language=language, text=text)
    version = current_version(flow_id)
    flow = flow_of(version.pk)
    language = choose_language(flow, language)
    if (made := replayed(actor, key, hash_)) is not None:
        return made
    wording = Wording()
    first = wording.of(_first_step(version.pk, language, text)) if text.strip() else None
    try:
        with transaction.atomic():
            case = create_case(actor, version, flow, language, consented=consented)
            made = _tell(case, flow, first) if first else _ask(case, flow)
            keep_outcome(actor, key, hash_, made)
            wording.count()
    except IntegrityError:  # the same key, at the same time
        if (made := replayed(actor, key, hash_)) is not None:
            return made
        raise
    return made


def _first_step(version: int, language: str, text: str) -> engine.Step:
    said = engine.Said(message_id=new_id("msg"), text=text, at=timezone.now(), reply_id=new_id("msg"), question=None)
    return engine.step(engine.begin(flow_of(version), language, version), said, analyzer())


def create_case(actor: Actor, version: FlowVersion, flow: Flow, language: str, *, consented: bool) -> Case:
    conversation: Conversation = transcript.start(language=language, time_zone=flow.time_zone)
    case = Case.objects.create(
        conversation=conversation,
        flow=version,
        owner_id=actor.user_id,
        language=language,
        consented_at=timezone.now() if consented else None,
    )
    if actor.guest is not None:
        GuestAccess.objects.create(case=case, capability_hash=actor.guest)
    return case


def started(case: Case, flow: Flow) -> TriageStarted:
    return TriageStarted(
        flow=flow.id,
        flow_version=case.flow.version,
        language=case.language,
        message=flow.phrases.started[case.language],
    )


def _ask(case: Case, flow: Flow) -> TurnOutcome:
    """The interviewer speaks first."""
    text, now, message_id = flow.phrases.opening[case.language], timezone.now(), new_id("msg")
    transcript.say(case.conversation, message_id, "interviewer", text, now)
    said = MessageAdded(role="interviewer", text=text, message_id=message_id, question=None)
    last_seq = move(case, [started(case, flow), said])
    remember(case, case.version + 1, engine.begin(flow, case.language, case.flow_id))
    return TurnOutcome(case.pk, text, str(case.State.INTERVIEWING), rfc3339(now), None, 0.0, last_seq, None)


def _tell(case: Case, flow: Flow, step: engine.Step) -> TurnOutcome:
    made = write_step(case, step, number=1, at=step.turn.at, before=[started(case, flow)])
    remember(case, case.version + 1, step.state)
    return made
