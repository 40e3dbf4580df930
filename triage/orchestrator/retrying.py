"""Analysing again, and the dead letters: runs that failed for good, kept until somebody retries or discards them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_noop as _

from conversations import transcript
from triage import broadcast, lanes
from triage.access import CASE_ID, Actor, access_case
from triage.errors import CaseNotFound, InvalidInput, NotAllowed, RunNotFound, TransitionRefused, TriageError
from triage.events import TriageReopened
from triage.flows.loader import flow_of
from triage.lanes import Place
from triage.models import Case, TriageRun
from triage.orchestrator.commit import Moved, commit, settle
from triage.orchestrator.turns import open_run

LONGEST_REASON = 300  # characters
MOST_AT_ONCE = 500  # runs: whoever has more asks again


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of many: ids of runs that wait again, and of those that refused, with the reason."""

    runs: list[str] = field(default_factory=list)
    refused: dict[str, TriageError] = field(default_factory=dict)


def retry(*, actor: Actor, case_id: str) -> Case:
    """Analyse again: a failed case goes on at the step that failed; a completed one starts over (staff).

    Raises TransitionRefused for any other state, or when a client asks for a completed case.
    """

    def attempt() -> Case:
        case = access_case(actor, case_id, to_change=True)
        completed = case.state == Case.State.COMPLETED and actor.changes_all
        if case.state != Case.State.FAILED and not completed:
            raise TransitionRefused(_("Only a failed analysis can be tried again."))
        _queue_again(case, actor, starts_over=completed)
        return case

    return settle(attempt)


def retry_run(*, actor: Actor, run_id: str) -> TriageRun:
    """Continue a failed run at the step that failed, with all its tries.

    Raises RunNotFound, NotAllowed, or TransitionRefused when it did not fail or its case has moved on.
    """

    def attempt() -> TriageRun:
        run = _access_run(actor, run_id)
        case = access_case(actor, run.case_id, to_change=True)
        if run.state != TriageRun.State.FAILED or case.state != Case.State.FAILED:
            raise TransitionRefused(_("Only a failed analysis can be tried again."))
        _queue_again(case, actor, starts_over=False)
        return TriageRun.objects.get(pk=run_id)

    return settle(attempt)


def retry_runs(*, actor: Actor, ids: Iterable[str]) -> Retried:
    """Each on its own, so that one that refuses does not keep the others waiting."""
    outcome = Retried()
    for run_id in ids:
        try:
            retry_run(actor=actor, run_id=run_id)
        except TriageError as error:
            outcome.refused[run_id] = error
        else:
            outcome.runs.append(run_id)
    return outcome


def retry_matching(*, actor: Actor, error: str = "", last_step: str = "", lane: str = "") -> Retried:
    """The dead letters that match what is given, oldest first and at most MOST_AT_ONCE (staff). Raises NotAllowed."""
    if not actor.changes_all:
        raise NotAllowed
    found = dead_letters(error=error, last_step=last_step, lane=lane)
    return retry_runs(actor=actor, ids=list(found.order_by("finished_at").values_list("pk", flat=True)[:MOST_AT_ONCE]))


def dead_letters(*, error: str = "", last_step: str = "", lane: str = "") -> QuerySet[TriageRun]:
    """Runs that failed for good and wait for somebody; empty arguments do not narrow."""
    wanted = {"error": error, "last_step": last_step, "lane": lane}
    given = {name: value for name, value in wanted.items() if value}
    return TriageRun.objects.filter(state=TriageRun.State.FAILED, **given)


def discard_run(*, actor: Actor, run_id: str, reason: str) -> TriageRun:
    """Nobody will retry this run; who said so and why is kept, and the case stays failed (staff).

    Discarding twice is once. Raises NotAllowed, RunNotFound, InvalidInput without a reason, TransitionRefused when
    the run did not fail.
    """
    if not actor.changes_all:
        raise NotAllowed
    reason = transcript.storable(reason).strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise InvalidInput(fields={"reason": f"Between 1 and {LONGEST_REASON} characters."})
    run = _access_run(actor, run_id)
    discarded = TriageRun.objects.filter(pk=run.pk, state=TriageRun.State.FAILED).update(
        state=TriageRun.State.DISCARDED, discard_reason=reason, discarded_by=actor.user_id
    )
    run.refresh_from_db()
    if not discarded and run.state != TriageRun.State.DISCARDED:
        raise TransitionRefused(_("Only a failed analysis can be discarded."))
    return run


def _access_run(actor: Actor, run_id: str) -> TriageRun:
    """Unknown and of somebody else's case are the same."""
    run = TriageRun.objects.filter(pk=run_id).first() if CASE_ID.fullmatch(run_id) else None
    if run is None:
        raise RunNotFound
    try:
        access_case(actor, run.case_id)
    except CaseNotFound as error:
        raise RunNotFound from error
    return run


def _queue_again(case: Case, actor: Actor, *, starts_over: bool) -> None:
    message = flow_of(case.flow_id).phrases.reopened[case.language]
    reopened = TriageReopened(reason="retry", by=actor.by, message=message, status=str(Case.State.QUEUED))
    with transaction.atomic():
        dead = None if starts_over else dead_letters().filter(case=case).order_by("-created_at").first()
        place = lanes.place_of(case, lane=dead.lane if dead is not None else TriageRun.Lane.INTERACTIVE)
        if dead is not None:
            _revive(dead, place)
        commit(case, [reopened, place.event], state=Case.State.QUEUED)
        if dead is None:
            open_run(case, place)


def _revive(run: TriageRun, place: Place) -> None:
    """Queue a failed run again, with its finished steps and new attempts. Raises Moved."""
    revived = TriageRun.objects.filter(pk=run.pk, state=TriageRun.State.FAILED).update(
        state=TriageRun.State.QUEUED,
        attempts=0,
        step_failures=0,
        crashes=0,
        tried_since=None,
        next_attempt_at=Now(),
        finished_at=None,
        cancel_requested=False,
        **place.columns,
    )
    if not revived:
        raise Moved(run.case_id)
    broadcast.work_due(run.lane)
