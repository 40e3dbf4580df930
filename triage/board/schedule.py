"""The one wrapper around the schedule's tasks: each leaves a row that says when it ran, how long, and how it went.

The row is also the lock. Whoever starts a job moves `last_started_at` by a conditional UPDATE, so that of two schedules
that announce the same round one does the work. A job whose process died is simply started again in the next round;
for that each job must be safe to repeat.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Now

from triage.board.models import ScheduledJob

P = ParamSpec("P")
T = TypeVar("T")

DONE = "done"
EARLY = 0.75
"""The share of its interval after which a job may start again: a round that was delivered late must not
cost the next one, which is on time."""


def intervals() -> dict[str, timedelta]:
    """Every job of the schedule, and how often it is due."""
    entries: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    return {name: timedelta(seconds=entry["schedule"]) for name, entry in entries.items()}


def scheduled(name: str) -> Callable[[Callable[P, T]], Callable[P, T | None]]:
    """The function as the job `name`; it answers None when the round was done already."""

    def wrap(job: Callable[P, T]) -> Callable[P, T | None]:
        @wraps(job)
        def run(*args: P.args, **kwargs: P.kwargs) -> T | None:
            if not _start(name):
                return None
            begun = time.monotonic()
            try:
                result = job(*args, **kwargs)
            except Exception as error:
                _finish(name, begun, outcome=type(error).__name__[:80], failures=F("failures") + 1)
                raise
            _finish(name, begun, outcome=DONE, failures=0)
            return result

        return run

    return wrap


def _start(name: str) -> bool:
    ScheduledJob.objects.bulk_create([ScheduledJob(name=name)], ignore_conflicts=True)
    pause = intervals()[name] * EARLY
    due = Q(last_started_at=None) | Q(last_started_at__lte=Now() - pause)
    return bool(ScheduledJob.objects.filter(due, pk=name).update(last_started_at=Now()))


def _finish(name: str, begun: float, **columns: object) -> None:
    milliseconds = round((time.monotonic() - begun) * 1000)
    ScheduledJob.objects.filter(pk=name).update(last_finished_at=Now(), milliseconds=milliseconds, **columns)
