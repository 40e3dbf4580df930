"""What Celery's settings are made of: the queues, how they are kept in Redis, and what runs on a schedule."""

from __future__ import annotations

from typing import Any

from kombu import Queue

DEFAULT_QUEUE = "interactive"
QUEUES = [Queue(DEFAULT_QUEUE), Queue("batch"), Queue("schedule")]


def transport_options(*, longest: int) -> dict[str, Any]:
    """`longest`: seconds after which a task is killed; a message that is worked on must stay hidden for longer."""
    return {
        "visibility_timeout": 2 * longest,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "health_check_interval": 10,
        "socket_keepalive": True,
        "global_keyprefix": "triage:",
    }


def beat_schedule(*, learns: bool) -> dict[str, Any]:
    """A round that no worker began within `expires` seconds is dropped, as the next one does the same."""
    entries = {
        "sweep": _every(5.0, "triage.sweep", expires=30),
        "alert": _every(10.0, "triage.alert", expires=30),
        "expire": _every(60.0, "triage.expire", expires=60),
        "measure": _every(60.0, "triage.measure", expires=60),
        # Minutes of one processor: where batches wait for them, and people do not.
        "train": _every(15.0, "triage.train", expires=15, queue="batch"),
        "retain": _every(600.0, "triage.retain", expires=600),
    }
    return entries if learns else {name: entry for name, entry in entries.items() if name != "train"}


def _every(seconds: float, task: str, *, expires: int, queue: str = "schedule") -> dict[str, Any]:
    return {"task": task, "schedule": seconds, "options": {"queue": queue, "expires": expires}}
