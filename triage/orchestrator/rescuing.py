"""What the schedule and stopping workers put right."""

from __future__ import annotations

from functools import partial

import structlog
from django.db import transaction

from triage import broadcast, runs
from triage.models import Case, TriageRun
from triage.orchestrator.commit import move, settle
from triage.orchestrator.failing import failed, stopped

log = structlog.get_logger(__name__)


def rescue() -> dict[str, int]:
    """Put right what crashes left behind; safe to repeat and to run twice at once.

    Runs whose worker vanished are queued again, or failed when they took too many workers down; lanes with
    work that nobody picked up are announced again. Returns how many of each.
    """
    counts = {"rescued": 0, "failed": 0, "announced": 0}
    for run in runs.lapsed():
        try:
            outcome = settle(partial(_rescue, run))
        except Exception as error:  # one case that cannot be helped must not keep the others from help
            log.error("not_rescued", run=run.pk, error=type(error).__name__)
            continue
        if outcome is not None:
            counts[outcome] += 1
    for lane in runs.lanes_with_overdue_work():
        broadcast.work_due(lane)
        counts["announced"] += 1
    return counts


def _rescue(run: TriageRun) -> str | None:
    """What became of a run whose worker vanished; None when it came back, or nobody wants the run any more.

    The time since its first attempt is no reason to fail it: all workers may have been away.
    """
    failure = stopped(run.pk, "worker_lost")
    with transaction.atomic():
        if run.cancel_requested:
            runs.cancel_lapsed(run, failure)
            return None
        if run.crashes + 1 < runs.MOST_CRASHES:
            return "rescued" if runs.release_lapsed(run, failure) else None
        case = Case.objects.get(pk=run.case_id)
        if not runs.fail_lapsed(run, failure):
            return None
        move(case, [failed(case, run.attempts, retryable=True)], state=Case.State.FAILED)
        return "failed"


def hand_back(*, worker: str) -> None:
    """Queue again what a stopping worker could not finish, at once and for others to take.

    Its processes have ended, or lose the lease with this. `worker` ends the names that they claimed with.
    """
    with transaction.atomic():
        for lane in runs.hand_back(worker):
            broadcast.work_due(lane)
