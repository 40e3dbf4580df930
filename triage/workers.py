"""What a worker's processes know of each other: the name that they share, and whether the worker is asked to stop. And
what the worker lets the board know of itself.

Celery lets the processes of a stopping worker go on for its patience, then ends them; it tells neither them nor the
rows. So whoever is asked to stop takes nothing new, and once its processes have ended, what they still
held is queued again at once instead of when the lease ends.
"""

from __future__ import annotations

import mmap
import os
import secrets
import signal
import socket
import time
from types import FrameType
from typing import Any

import structlog
from celery import bootsteps
from celery.signals import heartbeat_sent, worker_ready
from django.db import DatabaseError, connection
from redis.exceptions import RedisError

from triage import broadcast, orchestrator
from triage.board import presence

log = structlog.get_logger(__name__)

PATIENCE = 2.0  # seconds for a worker's last hints to leave
REPORTED = 5.0  # seconds between two reports of what the worker is made of
_WORKER = secrets.token_hex(4)  # made before the processes are forked, so they share it
_stopping = mmap.mmap(-1, 1)  # memory that forked processes share
_began = time.time()
_reported = -REPORTED


def owner() -> str:
    """Under which name this process claims runs; those of one worker end alike."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}{name()}"


def name() -> str:
    """How the names end under which the processes of this worker claim."""
    return f"@{_WORKER}"


def is_stopping() -> bool:
    return _stopping[0] != 0


@worker_ready.connect
def _listen(**_: Any) -> None:
    """In front of Celery's own handlers, which wait for its patience before they tell anybody."""
    for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
        _listen_to(number)


def _listen_to(number: signal.Signals) -> None:
    then = signal.getsignal(number)

    def stop(received: int, frame: FrameType | None) -> None:
        _stopping[0] = 1
        if callable(then):
            then(received, frame)

    signal.signal(number, stop)


@heartbeat_sent.connect
def _report(sender: Any, **_: Any) -> None:
    """For the board: which processes there are. Only the heartbeat of the main process, which works while they do."""
    global _reported  # noqa: PLW0603 - of this process
    if is_stopping() or time.monotonic() - _reported < REPORTED:
        return
    _reported = time.monotonic()
    node, queues = sender.eventer.hostname, list(sender.eventer.app.amqp.queues.consume_from)
    try:
        presence.report(name=name(), node=node, queues=queues, started_at=_began)
    except RedisError as error:
        log.warning("presence_not_told", error=type(error).__name__)


class HandBack(bootsteps.StartStopStep):
    """A part of the worker's consumer, whose end comes after that of the pool."""

    def shutdown(self, parent: object) -> None:
        try:
            orchestrator.hand_back(worker=name())
            broadcast.drain(PATIENCE)
            presence.withdraw(name())
        except (DatabaseError, RedisError) as error:  # leases and presence end by themselves
            log.warning("not_handed_back", error=type(error).__name__)
        finally:
            connection.close()
