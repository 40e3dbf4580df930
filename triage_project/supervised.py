"""The Celery application as `up` runs it: worker and schedule give signs of life."""

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
def _worker_is_ready(**_: Any) -> None:
    sign(settings.DATA_DIR, "worker")


@heartbeat_sent.connect
def _worker_is_alive(**_: Any) -> None:
    """Every two seconds. The first comes before the queues are listened to, so it must not count as ready."""
    if has_signed(settings.DATA_DIR, "worker", os.getpid()):
        sign(settings.DATA_DIR, "worker")


class Schedule(Scheduler):
    """Keeps nothing on disk: every entry is a short interval, and a file can be stale or broken."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """At most ten seconds apart, as the sweep is due that often."""
        seconds: float = super().tick(*args, **kwargs)
        sign(settings.DATA_DIR, "schedule")
        return seconds
