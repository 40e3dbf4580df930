"""Runs that wait, work or failed, and the last day's failed attempts, counted in groups: one query for both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import CharField, Count, Max, Min, Value
from django.db.models.functions import Now

from triage.board.filters import Filters
from triage.board.shapes import CauseFigure
from triage.models import FailedAttempt, TriageRun

RECENT = timedelta(hours=24)
ATTEMPT = "attempt"  # in the place of a run's state: a failed attempt, whatever became of its run
MOST_CAUSES = 20

OPEN = (TriageRun.State.QUEUED, TriageRun.State.RUNNING, TriageRun.State.FAILED)


class Group(NamedTuple):
    """`first`: since when the first of a group of runs waits; `last`: when the newest ended, or was tried."""

    state: str
    lane: str
    priority: str
    error: str
    step: str
    size: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Groups:
    groups: list[Group]

    def count(self, state: str, filters: Filters) -> int:
        return sum(group.size for group in self.of(state, filters))

    def of(self, state: str, filters: Filters) -> Iterator[Group]:
        wanted = filters.columns
        wanted["step"] = wanted.pop("last_step", "")
        given = {name: value for name, value in wanted.items() if value}
        for group in self.groups:
            if group.state == state and all(getattr(group, name) == value for name, value in given.items()):
                yield group

    def causes(self, state: str, filters: Filters | None = None) -> list[CauseFigure]:
        """The most frequent first."""
        found: dict[tuple[str, str], list[Group]] = defaultdict(list)
        for group in self.of(state, filters or Filters()):
            found[group.error, group.step].append(group)
        causes = [_cause(error, step, alike) for (error, step), alike in found.items()]
        return sorted(causes, key=lambda cause: (-cause.count, cause.error, cause.step))[:MOST_CAUSES]


def _cause(error: str, step: str, alike: list[Group]) -> CauseFigure:
    last = max((one.last for one in alike if one.last is not None), default=None)
    return CauseFigure(error, step, sum(one.size for one in alike), last)


def read_groups() -> Groups:
    runs = (
        TriageRun.objects.filter(state__in=OPEN)
        .order_by()
        .values_list("state", "lane", "priority", "error", "last_step")
        .annotate(size=Count("pk"), first=Min("queued_at"), last=Max("finished_at"))
    )
    nothing = Value("", output_field=CharField())
    attempts = (
        FailedAttempt.objects.filter(at__gt=Now() - RECENT)
        .order_by()
        .annotate(kind=Value(ATTEMPT, output_field=CharField()), lane=nothing, priority=nothing)
        .values_list("kind", "lane", "priority", "error", "step")
        .annotate(size=Count("pk"), first=Min("at"), last=Max("at"))
    )
    return Groups([Group(*row) for row in runs.union(attempts, all=True)])
