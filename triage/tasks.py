"""Celery tasks: another thin interface to the verbs. A message carries no data but the lane's name."""

from __future__ import annotations

import time

import structlog
from celery import shared_task
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore

from conversations import memory
from conversations.errors import MemoryUnavailable
from triage import broadcast, orchestrator, workers
from triage.board import minutes
from triage.board.schedule import scheduled
from triage.models import TriageRun

log = structlog.get_logger(__name__)

LONGEST_TRAINING = 840  # seconds; 17,000 examples take ten minutes, and a second try has the vectors of the first
LONGEST = min(5.0, settings.CELERY_TASK_SOFT_TIME_LIMIT / 4)
"""Seconds that one message keeps a worker on a lane before it lets others in, such as the schedule."""
BATCH_STINT = 5.0  # seconds, the same for batches


@shared_task(name="triage.work")
def work(lane: str) -> int:
    """Analyse what is due in `lane`; returns how many runs were taken.

    One message may serve many runs, since others' messages may have been lost.
    """
    if lane == TriageRun.Lane.BATCH:
        return _work_on_batches()
    begun, taken = time.monotonic(), 0
    while time.monotonic() - begun < LONGEST and not workers.is_stopping():
        claim = orchestrator.take(lane=lane, owner=workers.owner())
        if claim is None:
            return taken
        orchestrator.analyse(claim=claim)
        taken += 1
    broadcast.work_due(lane)
    return taken


def _work_on_batches() -> int:
    """People first, then rows that were told, then new rows, so that there are never many under way.

    The stint is short, as schedule and people share these workers. It wakes one more worker at most, so
    the messages in the lane stay as many as there are workers.
    """
    begun, taken, announced = time.monotonic(), 0, False
    while time.monotonic() - begun < BATCH_STINT and not workers.is_stopping():
        claim = orchestrator.take(lane=TriageRun.Lane.INTERACTIVE, owner=workers.owner())
        claim = claim or orchestrator.take(lane=TriageRun.Lane.BATCH, owner=workers.owner())
        if claim is not None:
            orchestrator.analyse(claim=claim)
            taken += 1
        elif not orchestrator.feed_batches():
            return taken
        elif not announced:
            broadcast.work_due(TriageRun.Lane.BATCH)
            announced = True
    if not announced:
        broadcast.work_due(TriageRun.Lane.BATCH)
    return taken


@shared_task(name="triage.sweep")
@scheduled("sweep")
def sweep() -> dict[str, int]:
    """Put right what crashes left behind, and tell people who wait where they stand."""
    return {
        **orchestrator.rescue(),
        "told": orchestrator.tell_places(),
        "batches": orchestrator.tend_batches(),
    }


@shared_task(name="triage.alert")
@scheduled("alert")
def alert() -> int:
    """Mail the alerts that nobody has acknowledged yet; apart from the sweep, as a mail server may be slow."""
    return orchestrator.mail_alerts()


@shared_task(name="triage.expire")
@scheduled("expire")
def expire() -> int:
    """End interviews that were left, and drop what has served its time: memories, idempotency keys, sessions."""
    orchestrator.forget_old_keys()
    SessionStore.clear_expired()
    try:
        memory.sweep_expired()
    except MemoryUnavailable as error:  # the next round counts them
        log.warning("memory_unavailable", error=str(error))
    return orchestrator.expire_idle()


@shared_task(name="triage.measure")
@scheduled("measure")
def measure() -> int:
    """Count for the board how the lanes fared in the minutes that are over."""
    return minutes.measure()


@shared_task(name="triage.retain")
@scheduled("retain")
def retain() -> int:
    """Erase what is older than whoever runs this wants to keep."""
    return orchestrator.forget_old()


@shared_task(name="triage.train", soft_time_limit=LONGEST_TRAINING, time_limit=LONGEST_TRAINING + 30)
@scheduled("train")
def train() -> int:
    """Train the next classifier of flows that were loaded since."""
    from triage import learning  # the solvers, which whoever only sends tasks has no use for

    return int(learning.train_next())
