"""Whose turn it is in a lane.

A run's turn is a moment, `turn_at`, that is fixed when it is queued and moved only with its priority: when it came,
plus how much longer its priority has to wait than a critical one. Waiting counts for everybody alike, so the order
of these moments *is* ageing: nothing has to be counted again as time passes, nothing starves, and the claim
reads an index. Lists of messages at the broker could do none of this, hence a message says only that a lane has work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from triage.events import TriageQueued
from triage.models import Case, Priority, TriageRun

HEAD_START = {
    Priority.CRITICAL: timedelta(0),
    Priority.HIGH: timedelta(minutes=10),
    Priority.NORMAL: timedelta(minutes=30),
    Priority.LOW: timedelta(hours=2),
}
"""How much longer a run of each priority would have to wait to be served before a critical one."""

PRESSING = timedelta(days=2)
"""So long before the day of its deadline a run stands as a critical one that came at that moment."""

SILENCE = timedelta(minutes=1)  # between two positions that a case is told
MOST_READ = 5_000  # waiting runs whose positions are looked at in one round


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run stands in its lane; `position` counts from 1."""

    lane: str
    priority: str
    queued_at: datetime
    turn_at: datetime
    position: int

    @property
    def event(self) -> TriageQueued:
        return TriageQueued(priority=self.priority, queue=self.lane, position=self.position)

    @property
    def columns(self) -> dict[str, object]:
        return {
            "lane": self.lane,
            "priority": self.priority,
            "queued_at": self.queued_at,
            "turn_at": self.turn_at,
            "told_position": self.position,
            "told_at": Now(),
        }


def place_of(case: Case, *, lane: str = TriageRun.Lane.INTERACTIVE, **columns: Any) -> Place:
    """Where a run of the case stands that is queued now.

    `columns`: urgency and deadline where the case is about to get others. What staff decided, the priority or the
    urgency, goes before the deadline: they knew of it.
    """
    return _place(case, lane, timezone.now(), "", columns)


def _place(case: Case, lane: str, queued_at: datetime, run_id: str, columns: Mapping[str, Any]) -> Place:
    priority = case.priority or columns.get("urgency", case.urgency)
    is_decided = bool(case.priority) or "urgency" in columns.get("overrides", case.overrides)
    turn_at = turn_of(priority, queued_at, None if is_decided else columns.get("deadline", case.deadline))
    before = _due(lane).filter(turn_at__lte=turn_at).exclude(pk=run_id)
    return Place(str(lane), str(priority), queued_at, turn_at, before.count() + 1)


def stand_anew(case: Case, **columns: Any) -> Place | None:
    """Move the case's waiting run to where it belongs now; None when it stands there, or none waits.

    In the caller's transaction, before it locks the case.
    """
    run = TriageRun.objects.select_for_update().filter(case=case, state=TriageRun.State.QUEUED).first()
    if run is None:
        return None
    place = _place(case, run.lane, run.queued_at, run.pk, columns)
    if (place.priority, place.turn_at) == (run.priority, run.turn_at):
        return None
    TriageRun.objects.filter(pk=run.pk).update(**place.columns)
    return place


def turn_of(priority: str, queued_at: datetime, deadline: date | str | None) -> datetime:
    """A deadline that has passed presses no more."""
    turn_at = queued_at + HEAD_START[Priority(priority)]
    if deadline is None:
        return turn_at
    day = date.fromisoformat(deadline) if isinstance(deadline, str) else deadline
    if day < timezone.localdate(queued_at):
        return turn_at
    pressing = timezone.make_aware(datetime.combine(day, time.min)) - PRESSING
    return min(turn_at, max(queued_at, pressing))


def in_turn(lane: str) -> QuerySet[TriageRun]:
    """The runs that may be claimed now, whose turn it is first."""
    return _due(lane).order_by("turn_at", "pk")


def moved_places(lane: str) -> Iterator[tuple[str, int]]:
    """Runs that stand far from where their people were told, with where they stand now."""
    rows = in_turn(lane).annotate(now=Now()).values_list("pk", "told_position", "told_at", "now")[:MOST_READ]
    for position, (run_id, told, told_at, now) in enumerate(rows, start=1):
        moved = position * 2 <= told or position >= told * 2
        if moved and told_at < now - SILENCE:
            yield run_id, position


def tell_place(run_id: str, position: int) -> bool:
    """Note that its people are told; False when it was claimed, or they were told by somebody else just now."""
    silent = TriageRun.objects.filter(pk=run_id, state=TriageRun.State.QUEUED, told_at__lt=Now() - SILENCE)
    return bool(silent.update(told_position=position, told_at=Now()))


def _due(lane: str) -> QuerySet[TriageRun]:
    return TriageRun.objects.filter(state=TriageRun.State.QUEUED, lane=lane, next_attempt_at__lte=Now())
