"""Celery tasks: another thin interface to the verbs. A message carries no data but the lane's name."""

from __future__ import annotations

import time

import structlog
from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from conversations import memory
from conversations.errors import MemoryUnavailable
from triage import broadcast, orchestrator, workers

log = structlog.get_logger(__name__)

LONGEST = 60.0  # seconds that one message keeps a worker on a lane before it lets others in


@shared_task(name="triage.work")
def work(lane: str) -> int:
    """Analyse what is due in `lane`; returns how many runs were taken.

    One message may serve many runs, since others' messages may have been lost.
    """
    begun, taken = time.monotonic(), 0
    while time.monotonic() - begun < LONGEST and not workers.is_stopping():
        claim = orchestrator.take(lane=lane, owner=workers.owner())
        if claim is None:
            return taken
        orchestrator.analyse(claim=claim)
        taken += 1
    broadcast.work_due(lane)
    return taken


@shared_task(name="triage.sweep")
def sweep() -> dict[str, int]:
    """Put right what crashes left behind, and tell people who wait where they stand."""
    return {**orchestrator.rescue(), "told": orchestrator.tell_places()}


@shared_task(name="triage.alert")
def alert() -> int:
    """Mail the alerts that nobody has acknowledged yet; apart from the sweep, as a mail server may be slow."""
    return orchestrator.mail_alerts()


@shared_task(name="triage.expire")
def expire() -> int:
    """End interviews that were left, and drop what has served its time: memories, idempotency keys, sessions."""
    orchestrator.forget_old_keys()
    SessionStore.clear_expired()
    try:
        memory.sweep_expired()
    except MemoryUnavailable as error:  # the next round counts them
        log.warning("memory_unavailable", error=str(error))
    return orchestrator.expire_idle()
