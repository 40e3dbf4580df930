"""How each lane fared minute by minute, counted from the rows of runs once a minute is over.

A run begins when it is first claimed (`tried_since`), is under way until it is over, pauses between its tries included,
and waits before that. All of this can still be told from its row an hour later, so a round that was missed is made up
for, and counting a minute again gives the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from triage.board.models import LaneMinute
from triage.models import TriageRun

MINUTE = timedelta(minutes=1)
CAUGHT_UP = 60  # minutes after an outage that are made up for, and that the board shows
KEPT = timedelta(days=1)

LOST = (TriageRun.State.FAILED, TriageRun.State.DISCARDED)
COUNTED = ("waiting", "running", "started", "completed", "failed", "wait_p50", "wait_p95")


class Lived(NamedTuple):
    """What a run's row tells of its life; `over` is None while it goes on."""

    lane: str
    state: str
    queued: datetime
    begun: datetime | None
    over: datetime | None


@dataclass(slots=True)
class _Tally:
    waiting: int = 0
    running: int = 0
    completed: int = 0
    failed: int = 0
    waits: list[float] = field(default_factory=list)


def measure(now: datetime | None = None) -> int:
    """Keep every minute that is over and not kept yet; returns how many rows were written."""
    end = (now or timezone.now()).replace(second=0, microsecond=0)
    newest = LaneMinute.objects.aggregate(Max("minute"))["minute__max"]
    first = max(end - CAUGHT_UP * MINUTE, newest + MINUTE if newest else end - CAUGHT_UP * MINUTE)
    minutes = [first + number * MINUTE for number in range(int((end - first) / MINUTE))]
    if not minutes:
        return 0
    rows = [_row(lane, minute, tally) for (lane, minute), tally in tallies(_lives(first, end), minutes).items()]
    LaneMinute.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["minute", "lane"], update_fields=list(COUNTED)
    )
    LaneMinute.objects.filter(minute__lt=end - KEPT).delete()
    return len(rows)


def tallies(lives: Iterator[Lived], minutes: Sequence[datetime]) -> dict[tuple[str, datetime], _Tally]:
    """What of these lives falls into each minute; the minutes follow each other."""
    found = {(str(lane), minute): _Tally() for minute in minutes for lane in TriageRun.Lane.values}
    changes: dict[tuple[str, str, datetime], int] = defaultdict(int)
    for life in lives:
        begun = life.begun or life.over
        _count(changes, (life.lane, "waiting"), life.queued, begun, minutes)
        if life.begun is not None:
            _count(changes, (life.lane, "running"), life.begun, life.over, minutes)
            if (tally := found.get((life.lane, _minute(life.begun)))) is not None:
                tally.waits.append(max(0.0, (life.begun - life.queued).total_seconds()))
        if life.over is not None and (tally := found.get((life.lane, _minute(life.over)))) is not None:
            tally.completed += life.state == TriageRun.State.COMPLETED
            tally.failed += life.state in LOST
    for lane in TriageRun.Lane.values:
        for what in ("waiting", "running"):
            level = 0
            for minute in minutes:
                level += changes[lane, what, minute]
                setattr(found[lane, minute], what, level)
    return found


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest of the sorted values that so large a share does not exceed; None of nothing."""
    return values[max(0, -(-len(values) * round(share * 100) // 100) - 1)] if values else None


def _count(
    changes: dict[tuple[str, str, datetime], int],
    what: tuple[str, str],
    since: datetime,
    until: datetime | None,
    minutes: Sequence[datetime],
) -> None:
    """One more at the end of each minute in [since, until): kept as where it begins and where it ends."""
    first, last = minutes[0], minutes[-1]
    begins = max(_minute(since), first)
    if begins > last or (until is not None and _minute(until) <= begins):
        return
    changes[*what, begins] += 1
    if until is not None and (ends := _minute(until)) <= last:
        changes[*what, ends] -= 1


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _lives(first: datetime, end: datetime) -> Iterator[Lived]:
    """Of all runs that were there in this time."""
    there: QuerySet[TriageRun] = TriageRun.objects.filter(
        Q(finished_at=None) | Q(finished_at__gte=first), queued_at__lt=end
    )
    columns = ("lane", "state", "queued_at", "tried_since", "finished_at")
    return (Lived(*row) for row in there.order_by().values_list(*columns).iterator(chunk_size=2000))


def _row(lane: str, minute: datetime, tally: _Tally) -> LaneMinute:
    waits = sorted(tally.waits)
    return LaneMinute(
        lane=lane,
        minute=minute,
        waiting=tally.waiting,
        running=tally.running,
        started=len(waits),
        completed=tally.completed,
        failed=tally.failed,
        wait_p50=percentile(waits, 0.5),
        wait_p95=percentile(waits, 0.95),
    )
