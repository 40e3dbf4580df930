"""How full each lane is, for how long the first has waited, and how its last hour was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from triage.board.filters import Filters
from triage.board.groups import Group, Groups
from triage.board.minutes import CAUGHT_UP, MINUTE
from triage.board.shapes import LaneFigure, MinuteFigure, PriorityFigure
from triage.models import LaneMinute, Priority, TriageRun

AVERAGED = 5  # minutes


def lane_figures(groups: Groups, filters: Filters, now: datetime) -> list[LaneFigure]:
    minutes = _minutes(now)
    wanted = [lane for lane in TriageRun.Lane.values if filters.lane in ("", lane)]
    return [_lane(lane, groups, filters, minutes[lane], now) for lane in wanted]


def _minutes(now: datetime) -> dict[str, list[MinuteFigure]]:
    found: dict[str, list[MinuteFigure]] = defaultdict(list)
    rows = LaneMinute.objects.filter(minute__gte=now - (CAUGHT_UP + 1) * MINUTE).order_by("minute")
    for row in rows:
        found[row.lane].append(
            MinuteFigure(
                at=row.minute,
                waiting=row.waiting,
                running=row.running,
                started=row.started,
                completed=row.completed,
                failed=row.failed,
                wait_p50=row.wait_p50,
                wait_p95=row.wait_p95,
            )
        )
    return found


def _lane(lane: str, groups: Groups, filters: Filters, minutes: list[MinuteFigure], now: datetime) -> LaneFigure:
    waiting = list(groups.of(TriageRun.State.QUEUED, Filters(lane=lane, priority=filters.priority)))
    running = list(groups.of(TriageRun.State.RUNNING, Filters(lane=lane, priority=filters.priority)))
    newest = next((minute for minute in reversed(minutes) if minute.wait_p50 is not None), None)
    averaged = minutes[-AVERAGED:]
    return LaneFigure(
        lane=lane,
        waiting=_sum(waiting),
        running=_sum(running),
        oldest=_oldest(waiting, now),
        dead=groups.count(TriageRun.State.FAILED, Filters(lane=lane, priority=filters.priority)),
        per_minute=round(sum(one.completed for one in averaged) / len(averaged), 1) if averaged else 0.0,
        completed_in_hour=sum(one.completed for one in minutes),
        failed_in_hour=sum(one.failed for one in minutes),
        wait_p50=newest.wait_p50 if newest else None,
        wait_p95=newest.wait_p95 if newest else None,
        priorities=[
            PriorityFigure(
                priority=priority,
                waiting=_sum(group for group in waiting if group.priority == priority),
                running=_sum(group for group in running if group.priority == priority),
                oldest=_oldest((group for group in waiting if group.priority == priority), now),
            )
            for priority in Priority.values
            if filters.priority in ("", priority)
        ],
        minutes=minutes,
    )


def _sum(groups: Iterable[Group]) -> int:
    return sum(group.size for group in groups)


def _oldest(groups: Iterable[Group], now: datetime) -> float | None:
    first = min((group.first for group in groups if group.first is not None), default=None)
    return None if first is None else round(max(0.0, (now - first).total_seconds()), 1)
