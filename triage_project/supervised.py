"""The Celery application as installations run it: workers and schedule give signs of life.

A worker's sign has the name of its node: `batch` for `--hostname batch@%h`.
"""

from __future__ import annotations

import os
from typing import Any

from celery.beat import Scheduler
from celery.signals import heartbeat_sent, worker_ready
from django.conf import settings

from triage_project.celery import app
from triage_project.signs import has_signed, sign

__all__ = ["Schedule", "app"]


@worker_ready.connect
def _worker_is_ready(sender: Any, **_: Any) -> None:
    sign(settings.DATA_DIR, _name(sender.hostname))


@heartbeat_sent.connect
def _worker_is_alive(sender: Any, **_: Any) -> None:
    """Every two seconds, while Redis is there. The first comes before the queues are listened to, so it must not
    count as ready."""
    name = _name(sender.eventer.hostname)
    if has_signed(settings.DATA_DIR, name, os.getpid()):
        sign(settings.DATA_DIR, name)


def _name(node: str) -> str:
    return node.partition("@")[0]


class Schedule(Scheduler):
    """Keeps nothing on disk: every entry is a short interval, and a file can be stale or broken."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """At most five seconds apart, as the sweep is due that often."""
        seconds: float = super().tick(*args, **kwargs)
        sign(settings.DATA_DIR, "schedule")
        return seconds
