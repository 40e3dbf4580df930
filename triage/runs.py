"""Ownership of runs: claim, lease, fencing, steps. What a step means is the orchestrator's affair.

A worker claims the best due row of a lane by a conditional UPDATE and receives a fencing number. It
renews the lease while it works. Whatever it writes, it writes only if the row still carries its number: a
worker that was taken for dead (paused, cut off, out-clocked) can do no harm when it wakes.
Times of leases are the database's, so workers' clocks do not matter.

Who locks a run and its case locks the run first, so that no two transactions wait for each other.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.db import Error, connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from conversations.ids import new_id
from triage.lanes import Place, in_turn
from triage.models import Case, FailedAttempt, RunStep, TriageRun

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=10)
RENEWAL = 3.0  # seconds; a worker may be held up for the difference, and two renewals may fail
MOST_CRASHES = 3  # a run at one of whose steps so many workers vanished is not given to another one
OVERDUE = timedelta(seconds=10)  # a due run that nobody claimed for so long is announced again


class LeaseLost(Exception):
    """Another worker owns the run now; whatever this one was doing does not count."""


@dataclass(frozen=True, slots=True)
class Claim:
    run_id: str
    case_id: str
    fence: int
    attempts: int

    @property
    def is_repeated(self) -> bool:
        """Whether somebody claimed the run before, and so may have finished steps of it."""
        return self.fence > 1


@dataclass(frozen=True, slots=True)
class Finished:
    """A step that is done, and what it brought."""

    name: str
    output: Any
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Failure:
    """How an attempt ended. `detail`: places in the code, without anybody's words."""

    step: str
    error: str
    detail: str = ""

    @property
    def columns(self) -> dict[str, str]:
        return {"last_step": self.step, "error": self.error[:40], "error_detail": self.detail}


def lock_runs(case_id: str) -> None:
    """Runs are locked before their case: for who is about to lock the case and then to touch them."""
    list(TriageRun.objects.select_for_update().filter(case=case_id).order_by("pk").values_list("pk"))


def open_run(case: Case, place: Place) -> TriageRun:
    """A queued run; call it in the transaction that queues the case."""
    return TriageRun.objects.create(id=new_id("run"), case=case, **place.columns)


def claim(lane: str, owner: str) -> Claim | None:
    """Own the best due run of `lane`, or None when there is none. In the caller's transaction."""
    best = in_turn(lane).values_list("pk", "case_id", "fence", "attempts")[:10]
    for run_id, case_id, fence, attempts in best:
        won = TriageRun.objects.filter(pk=run_id, fence=fence, state=TriageRun.State.QUEUED).update(
            state=TriageRun.State.RUNNING,
            fence=fence + 1,
            attempts=F("attempts") + 1,
            lease_owner=owner[:120],
            lease_until=Now() + LEASE,
            started_at=Now(),
            tried_since=Coalesce("tried_since", Now()),
        )
        if won:
            return Claim(run_id, case_id, fence + 1, attempts + 1)
    return None


def hold(claim: Claim) -> TriageRun:
    """Lock the row for this transaction if the claim still stands; raises LeaseLost.

    Read are the columns that decide something; the lease is renewed by `renewed` alone.
    """
    columns = ("fence", "lease_owner", "cancel_requested", "step_failures", "crashes")
    try:
        return _held(claim).select_for_update().only(*columns).get()
    except TriageRun.DoesNotExist:
        raise LeaseLost(claim.run_id) from None


def _held(claim: Claim) -> QuerySet[TriageRun]:
    return TriageRun.objects.filter(pk=claim.run_id, fence=claim.fence, state=TriageRun.State.RUNNING)


def finish_step(claim: Claim, step: Finished) -> TriageRun:
    """Keep a step's result; in the transaction that announces it. Raises LeaseLost."""
    run = hold(claim)
    RunStep.objects.create(
        run=run,
        name=step.name,
        output=step.output,
        milliseconds=step.milliseconds,
        fence=claim.fence,
        finished_at=timezone.now(),
    )
    if run.step_failures or run.crashes:  # the next step has tries of its own
        TriageRun.objects.filter(pk=run.pk).update(step_failures=0, crashes=0)
    return run


def finished_steps(run_id: str) -> dict[str, RunStep]:
    return {step.name: step for step in RunStep.objects.filter(run_id=run_id)}


def forget_steps_of_queued(case: Case) -> None:
    """New words came: what a waiting run found in the old ones does not count any more."""
    waiting = (TriageRun.State.QUEUED, TriageRun.State.RUNNING)  # claimed, and its case not yet taken up
    RunStep.objects.filter(run__case=case, run__state__in=waiting).delete()


def supersede_failed(case: Case) -> None:
    """A new run answers for the case: whatever failed before waits for nobody any more."""
    TriageRun.objects.filter(case=case, state=TriageRun.State.FAILED).update(
        state=TriageRun.State.DISCARDED, discard_reason="superseded"
    )


def close_run(claim: Claim, state: TriageRun.State, *, failure: Failure | None = None) -> None:
    """The run is over; in the transaction that says what came of it. Raises LeaseLost."""
    columns = _note(hold(claim), failure) if failure is not None else {"error": "", "error_detail": ""}
    if not _held(claim).update(state=state, finished_at=Now(), lease_until=None, **columns):
        raise LeaseLost(claim.run_id)


def give_back(claim: Claim, *, after: timedelta, failure: Failure | None) -> None:
    """Queue the run again, not before `after` has passed; without a `failure` nothing is counted. Raises LeaseLost."""
    run = hold(claim)
    columns: dict[str, Any] = {}
    if failure is not None:
        columns = {**_note(run, failure), "step_failures": F("step_failures") + 1}
    TriageRun.objects.filter(pk=claim.run_id).update(
        state=TriageRun.State.QUEUED,
        next_attempt_at=Now() + after,
        lease_until=None,
        lease_owner="",
        **columns,
    )


def has_time(claim: Claim, budget: timedelta) -> bool:
    """Whether less than `budget` has passed since the first attempt."""
    return TriageRun.objects.filter(pk=claim.run_id, tried_since__gt=Now() - budget).exists()


def _note(run: TriageRun, failure: Failure) -> dict[str, str]:
    """Keep the failed attempt; returns the columns with which the run shows its last one."""
    columns = failure.columns
    FailedAttempt.objects.create(
        run=run,
        attempt=run.fence,
        step=failure.step,
        error=columns["error"],
        detail=failure.detail,
        worker=run.lease_owner,
    )
    return columns


def lapsed() -> list[TriageRun]:
    """Runs whose worker has not renewed its lease in time."""
    return list(TriageRun.objects.filter(state=TriageRun.State.RUNNING, lease_until__lt=Now()))


def release_lapsed(run: TriageRun, failure: Failure) -> bool:
    """Queue a lapsed run again at once, unless its worker came back meanwhile."""
    return _end_lapsed(run, failure, state=TriageRun.State.QUEUED, next_attempt_at=Now())


def fail_lapsed(run: TriageRun, failure: Failure) -> bool:
    """End a lapsed run for good, unless its worker came back meanwhile."""
    return _end_lapsed(run, failure, state=TriageRun.State.FAILED, finished_at=Now())


def cancel_lapsed(run: TriageRun, failure: Failure) -> bool:
    """End a lapsed run whose case was cancelled, unless its worker came back meanwhile."""
    return _end_lapsed(run, failure, state=TriageRun.State.CANCELLED, finished_at=Now())


def _end_lapsed(run: TriageRun, failure: Failure, **columns: Any) -> bool:
    still = TriageRun.objects.filter(
        pk=run.pk,
        fence=run.fence,
        state=TriageRun.State.RUNNING,
        lease_until__lt=Now(),
        cancel_requested=run.cancel_requested,  # cancelled just now: the next sweep sees it
    )
    columns |= failure.columns
    if not still.update(lease_until=None, lease_owner="", crashes=F("crashes") + 1, **columns):
        return False
    _note(run, failure)
    return True


def hand_back(worker: str) -> set[str]:
    """Queue again at once what a worker that stopped on request still held; returns the lanes.

    `worker` ends the names under which its processes claimed. Nothing failed, so nothing is counted.
    """
    held = TriageRun.objects.filter(state=TriageRun.State.RUNNING, lease_owner__endswith=worker)
    lanes = set(held.order_by().values_list("lane", flat=True))
    held.update(state=TriageRun.State.QUEUED, next_attempt_at=Now(), lease_until=None, lease_owner="")
    return lanes


def lanes_with_overdue_work() -> list[str]:
    """Lanes in which a due run waits unclaimed: its message was lost, the workers are busy, or it is due again.

    Nobody is told when the pause before another attempt ends, so these count at once.
    """
    late = Q(next_attempt_at__lt=Now() - OVERDUE) | Q(next_attempt_at__lte=Now(), attempts__gt=0)
    overdue = TriageRun.objects.filter(late, state=TriageRun.State.QUEUED)
    return list(overdue.order_by().values_list("lane", flat=True).distinct())


@contextmanager
def renewed(claim: Claim) -> Iterator[None]:
    """Renew the lease in the background while the body works."""
    stop = threading.Event()
    thread = threading.Thread(target=_renew_until, args=(claim, stop), name="triage-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _renew_until(claim: Claim, stop: threading.Event) -> None:
    try:
        while not stop.wait(RENEWAL):
            try:
                if not _held(claim).update(lease_until=Now() + LEASE):
                    return  # the next commit of a step will find out
            except Error as error:
                log.warning("lease_not_renewed", run=claim.run_id, error=type(error).__name__)
                connection.close()  # a broken one would fail at every renewal
    finally:
        connection.close()
