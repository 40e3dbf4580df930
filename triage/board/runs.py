"""The runs that the board lists: what is in progress, dead letters, or what a filter asks for. One query."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, Now, RowNumber

from triage.board.filters import Filters
from triage.board.shapes import RunFigure
from triage.models import CaseEvent, TriageRun

MOST_LISTED = 30
LATELY = timedelta(hours=1)  # runs that are over are listed for so long

State = TriageRun.State
LEFT_OPEN = (State.QUEUED, State.RUNNING, State.FAILED)


def read_runs(filters: Filters) -> list[RunFigure]:
    """Of every state that is wanted the newest, and all that run, as these tell what the workers do."""
    wanted = Q(**filters.columns, state__in=[filters.state] if filters.state else [State.FAILED])
    lately = Q(state__in=LEFT_OPEN) | Q(finished_at__gt=Now() - LATELY)
    runs = with_progress(TriageRun.objects.filter(Q(state=State.RUNNING) | (wanted & lately)))
    newest = Coalesce("finished_at", "started_at", "queued_at").desc()
    runs = runs.annotate(place=Window(RowNumber(), partition_by=F("state"), order_by=newest))
    listed = runs.filter(Q(state=State.RUNNING) | Q(place__lte=MOST_LISTED)).order_by("place")
    return [run_figure(run) for run in listed.defer("error_detail", "discard_reason")]


def with_progress(runs: QuerySet[TriageRun]) -> QuerySet[TriageRun]:
    """With what their people were told last."""
    told = CaseEvent.objects.filter(case=OuterRef("case_id"), type="triage_update").order_by("-seq")
    return runs.annotate(told=Subquery(told.values("data")[:1]))


def run_figure(run: TriageRun) -> RunFigure:
    told: dict[str, Any] = getattr(run, "told", None) or {} if run.state == State.RUNNING else {}
    return RunFigure(
        run_id=run.pk,
        case_id=run.case_id,
        state=run.state,
        lane=run.lane,
        priority=run.priority,
        attempts=run.attempts,
        crashes=run.crashes,
        last_step=run.last_step,
        error=run.error,
        worker=run.lease_owner if run.state == State.RUNNING else "",
        queued_at=run.queued_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        next_attempt_at=run.next_attempt_at,
        lease_until=run.lease_until,
        progress=told.get("progress"),
        remaining=told.get("remaining_seconds"),
        stage=told.get("stage", ""),
    )


def matches(run: RunFigure, filters: Filters) -> bool:
    return all(getattr(run, name) == value for name, value in filters.columns.items())


def seconds_between(earlier: datetime | None, later: datetime | None) -> float | None:
    return round((later - earlier).total_seconds(), 1) if earlier and later else None
