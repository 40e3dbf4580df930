"""Every job of the schedule leaves a row, and a round that is announced twice is done once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from triage import tasks
from triage.board.schedule import intervals, scheduled
from triage.models import ScheduledJob

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

BEATS = 6


def row(name: str = "sweep") -> ScheduledJob:
    return ScheduledJob.objects.get(pk=name)


def last_started(seconds: float, name: str = "sweep") -> None:
    ScheduledJob.objects.filter(pk=name).update(last_started_at=Now() - timedelta(seconds=seconds))


def test_every_job_of_the_schedule_leaves_a_row_that_says_how_it_went() -> None:
    entries: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    for entry in entries.values():
        getattr(tasks, entry["task"].removeprefix("triage."))()
    assert {job.name for job in ScheduledJob.objects.all()} == set(intervals())
    for job in ScheduledJob.objects.all():
        assert (job.outcome, job.failures) == ("done", 0)
        assert job.last_started_at is not None
        assert job.last_finished_at is not None
        assert job.last_started_at <= job.last_finished_at


def test_a_second_announcement_within_the_interval_does_nothing() -> None:
    assert tasks.sweep() is not None
    first = row()
    assert tasks.sweep() is None
    assert row().last_started_at == first.last_started_at
    last_started(10)
    assert tasks.sweep() is not None


def test_a_round_that_came_late_does_not_cost_the_next_one() -> None:
    tasks.sweep()
    last_started(4)
    assert tasks.sweep() is not None
    last_started(3)
    assert tasks.sweep() is None


def test_of_many_schedules_that_announce_at_once_one_is_served() -> None:
    done: list[str] = []
    start = threading.Barrier(BEATS)
    job = scheduled("sweep")(lambda: done.append("work"))

    def announce() -> None:
        start.wait()
        job()
        connection.close()

    threads = [threading.Thread(target=announce) for _ in range(BEATS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == ["work"]


def test_failures_in_a_row_are_counted_until_it_works_again() -> None:
    def fail() -> None:
        raise TimeoutError("the mail server")

    for failures in (1, 2):
        with pytest.raises(TimeoutError):
            scheduled("sweep")(fail)()
        assert (row().outcome, row().failures) == ("TimeoutError", failures)
        last_started(20)
    scheduled("sweep")(lambda: 1)()
    assert (row().outcome, row().failures) == ("done", 0)


def test_a_job_whose_process_died_is_started_again_in_the_next_round() -> None:
    ScheduledJob.objects.create(name="sweep", last_started_at=timezone.now() - timedelta(seconds=10))
    assert tasks.sweep() is not None
