"""Each lane's minutes are counted from the rows of runs: once, as often as one likes, and also after an outage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.board.minutes import measure, percentile
from triage.models import LaneMinute, TriageRun
from triage.tests.busy_board import lived

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minute: int, lane: str = "interactive") -> LaneMinute:
    return LaneMinute.objects.get(lane=lane, minute=NOON + minute * MINUTE)


def seconds(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


def everything() -> list[tuple[object, ...]]:
    return list(
        LaneMinute.objects.order_by("minute", "lane").values_list(*[f.name for f in LaneMinute._meta.fields][1:])
    )


def test_a_minute_says_what_began_what_ended_and_what_was_left() -> None:
    lived(queued=seconds(0), waited=10, took=20)
    lived(queued=seconds(5), waited=30, took=50)  # over in the next minute
    lived(queued=seconds(50))
    lived(queued=seconds(1), waited=2, took=3, state="failed")
    lived("batch", queued=seconds(1), waited=100, took=1)
    measure(seconds(125))
    first, second, batch = at(0), at(1), at(0, "batch")
    assert (first.waiting, first.running, first.started, first.completed, first.failed) == (1, 1, 3, 1, 1)
    assert (first.wait_p50, first.wait_p95) == (10, 30)
    assert (second.waiting, second.running, second.started, second.completed) == (1, 0, 0, 1)
    assert second.wait_p50 is None
    assert (batch.waiting, batch.started, at(1, "batch").started) == (1, 0, 1)


def test_counting_twice_changes_nothing() -> None:
    lived(queued=seconds(0), waited=10, took=20)
    assert measure(seconds(65)) == 120
    before = everything()
    assert measure(seconds(65)) == 0
    LaneMinute.objects.filter(minute__gte=NOON - 5 * MINUTE).delete()
    measure(seconds(65))
    assert everything() == before


def test_what_was_missed_is_made_up_for_up_to_an_hour() -> None:
    lived(queued=seconds(0), waited=10, took=20)
    measure(seconds(-60))
    LaneMinute.objects.all().delete()
    LaneMinute.objects.create(lane="interactive", minute=NOON - MINUTE)
    measure(seconds(30 * 60))
    assert at(0).completed == 1
    assert LaneMinute.objects.filter(lane="interactive").count() == 31
    measure(seconds(5 * 3600))
    assert LaneMinute.objects.filter(lane="interactive").count() == 31 + 60


def test_old_minutes_are_dropped() -> None:
    LaneMinute.objects.create(lane="batch", minute=NOON - timedelta(days=2))
    measure(NOON)
    assert not LaneMinute.objects.filter(minute__lt=NOON - timedelta(days=1)).exists()


def test_a_run_that_was_cancelled_while_it_waited_waits_no_more() -> None:
    run = lived(queued=seconds(0))
    TriageRun.objects.filter(pk=run.pk).update(state="cancelled", finished_at=seconds(70))
    measure(seconds(200))
    assert [at(minute).waiting for minute in (0, 1, 2)] == [1, 0, 0]


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=40))
def test_so_many_of_a_hundred_do_not_exceed_the_percentile(values: list[float]) -> None:
    ordered = sorted(values)
    found = percentile(ordered, 0.95)
    assert found in ordered
    assert sum(value <= found for value in ordered) >= 0.95 * len(ordered)
    assert sum(value < found for value in ordered) < 0.95 * len(ordered)
