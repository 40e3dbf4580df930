"""Ending a case early."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from conversations import memory, transcript
from conversations.errors import MemoryUnavailable
from triage import lanes, runs
from triage.access import Actor, access_case
from triage.errors import FlowInvalid, NotAllowed, TransitionRefused, Unavailable
from triage.events import TriageCancelled, TriageExpired
from triage.flows.loader import flow_of
from triage.flows.schema import Phrases
from triage.models import Answer, Case, TriageRun
from triage.orchestrator.commit import Moved, commit, settle
from triage.orchestrator.overriding import unlearn
from triage.orchestrator.turns import open_run

log = structlog.get_logger(__name__)

TALKING = frozenset({Case.State.INTERVIEWING, Case.State.EXPIRED})
UNFINISHED = TALKING | {Case.State.QUEUED, Case.State.ANALYSING, Case.State.FAILED}


def force_complete(*, actor: Actor, case_id: str) -> Case:
    """End the interview now and analyse what is known; a case past its interview is left as it is.

    Raises TransitionRefused when nothing was told yet, or the case was cancelled.
    """

    def attempt() -> Case:
        case = access_case(actor, case_id, to_change=True)
        if case.state == Case.State.CANCELLED:
            raise TransitionRefused(_("The case was cancelled."))
        if case.state not in TALKING:
            return case
        if not Answer.objects.filter(case=case).exists():
            raise TransitionRefused(_("Nothing was told yet, so there is nothing to analyse."))
        with transaction.atomic():
            place = lanes.place_of(case)
            commit(case, [place.event], state=Case.State.QUEUED, question="")
            open_run(case, place)
        return case

    return settle(attempt)


def cancel(*, actor: Actor, case_id: str, reason: str = "requested") -> Case:
    """Stop: a run that is under way notices at its next step. Cancelling twice is once.

    Raises TransitionRefused when the case is completed.
    """

    def attempt() -> Case:
        case = access_case(actor, case_id, to_change=True)
        if case.state == Case.State.CANCELLED:
            return case
        if case.state not in UNFINISHED:
            raise TransitionRefused(_("The case is completed already."))
        message = _phrases(case).cancelled[case.language]
        event = TriageCancelled(reason=reason[:200], by=actor.by, message=message)
        with transaction.atomic():
            _cancel_runs(case)
            commit(case, [event], state=Case.State.CANCELLED, question="")
            transcript.close(case.conversation_id)
        return case

    return settle(attempt)


def clean_up(*, actor: Actor, case_id: str) -> Case:
    """Cancel what is unfinished and forget the working memory; the rows stay. Raises Unavailable without Redis."""
    case = access_case(actor, case_id, to_change=True)
    if case.state in UNFINISHED:
        case = cancel(actor=actor, case_id=case_id, reason="cleaned_up")
    try:
        memory.forget(case.conversation_id)
    except MemoryUnavailable as error:
        raise Unavailable("The case is cancelled, but its working memory cannot be reached now.") from error
    return case


def erase(*, actor: Actor, case_id: str) -> None:
    """Delete a case with its words, events, answers, runs and corrections, for good (staff).

    Nothing of it can be restored. A worker that analyses it finds its run gone and stops. Raises NotAllowed.
    """
    if not actor.changes_all:
        raise NotAllowed
    case = access_case(actor, case_id)
    with transaction.atomic():
        runs.lock_runs(case.pk)
        Case.objects.select_for_update().get(pk=case.pk)  # a turn that is under way comes before or not at all
        unlearn(case)
        case.conversation.delete()
    forget_memory(case)


def expire_idle(*, idle_for: timedelta | None = None) -> int:
    """End interviews in which nobody said anything for the conversation's time to live; returns how many."""
    idle_for = timedelta(seconds=settings.CONVERSATION_TTL) if idle_for is None else idle_for
    limit = timezone.now() - idle_for
    idle = Case.objects.filter(state=Case.State.INTERVIEWING, conversation__last_said_at__lt=limit)
    expired = 0
    for case in idle.order_by("pk")[:1000]:
        try:
            message = _phrases(case).expired[case.language]
            with transaction.atomic():
                commit(
                    case,
                    [TriageExpired(reason="idle", by="system", message=message)],
                    state=Case.State.EXPIRED,
                )
            expired += 1
        except Moved:  # just now the person came back
            continue
        except FlowInvalid as error:  # one case that cannot be read must not keep the others open
            log.error("not_expired", case=case.pk, error=str(error))
    return expired


def forget_memory(case: Case) -> None:
    try:
        memory.forget(case.conversation_id)
    except MemoryUnavailable as error:  # it ends by its time to live
        log.warning("memory_not_forgotten", case=case.pk, error=str(error))


def _phrases(case: Case) -> Phrases:
    return flow_of(case.flow_id).phrases


def _cancel_runs(case: Case) -> None:
    """A run that waits, for a worker or for staff, ends here; a running one is told to."""
    runs.lock_runs(case.pk)  # or one that is just given back is seen neither as running nor as waiting
    waiting = (TriageRun.State.QUEUED, TriageRun.State.FAILED)
    TriageRun.objects.filter(case=case, state__in=waiting).update(state=TriageRun.State.CANCELLED, finished_at=Now())
    TriageRun.objects.filter(case=case, state=TriageRun.State.RUNNING).update(cancel_requested=True)
