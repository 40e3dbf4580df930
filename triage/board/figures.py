"""Everything on the board, in six queries and a few looks at Redis, however many cases there are."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case as Match
from django.db.models import Count, Value, When
from django.utils import timezone
from redis.exceptions import RedisError

from triage.batches.results import Counts
from triage.board import presence
from triage.board.filters import Filters
from triage.board.groups import ATTEMPT, read_groups
from triage.board.lanes import lane_figures
from triage.board.runs import matches, read_runs
from triage.board.schedule import intervals
from triage.board.shapes import AlertFigure, BatchFigure, Board, BreakerFigure, JobFigure
from triage.board.workers import worker_figures
from triage.breaker import breakers
from triage.errors import FlowInvalid
from triage.flows.loader import flow_of
from triage.models import Alert, Batch, ScheduledJob, TriageRun
from triage.orchestrator.alerting import people_first

MOST_ALERTS = 20
MOST_BATCHES = 6
LATE = 3  # intervals after which a job that did not run is late

State = TriageRun.State


def collect(filters: Filters) -> Board:
    """The board as it is now. What Redis tells is left out when it is away."""
    now = timezone.now()
    groups = read_groups()
    found = read_runs(filters)
    running = [run for run in found if run.state == State.RUNNING]
    listed = filters.state or State.RUNNING
    alerts = _alerts()
    workers, circuits, has_redis = _from_redis()
    return Board(
        at=now,
        redis=has_redis,
        alerts=alerts[:MOST_ALERTS],
        more_alerts=len(alerts) > MOST_ALERTS,
        lanes=lane_figures(groups, filters, now),
        workers=worker_figures(workers, running, now),
        runs=[run for run in found if run.state == listed != State.FAILED and matches(run, filters)],
        runs_total=groups.count(listed, filters) if listed in (State.QUEUED, State.RUNNING) else None,
        dead_letters=[run for run in found if run.state == State.FAILED and filters.state in ("", State.FAILED)],
        dead_letters_total=groups.count(State.FAILED, filters),
        dead_causes=groups.causes(State.FAILED),
        failures=groups.causes(ATTEMPT),
        batches=_batches(),
        schedule=_schedule(now),
        breakers=circuits,
    )


def _from_redis() -> tuple[list[presence.Presence], list[BreakerFigure], bool]:
    """Workers first: when Redis does not answer, nobody waits for it once more for each breaker."""
    try:
        workers = presence.present()
    except RedisError:
        return [], [], False
    circuits = [
        BreakerFigure(one.provider, one.state, one.failures, one.retry_at, one.per_minute) for one in breakers()
    ]
    return workers, circuits, True


def _alerts() -> list[AlertFigure]:
    """One more than is shown, people before batches and each oldest first: who has waited longest for somebody."""
    unseen = people_first(Alert.objects.filter(acknowledged_at=None), "raised_at", "pk").select_related("case")
    rows = unseen.only("flag", "raised_at", "case__flow_id", "case__language")[: MOST_ALERTS + 1]
    return [AlertFigure(row.pk, row.case_id, row.flag, _title(row), row.raised_at) for row in rows]


def _title(alert: Alert) -> str:
    try:
        flags = flow_of(alert.case.flow_id).red_flags
    except FlowInvalid:  # the alert counts all the same
        return alert.flag
    return next((flag.title[alert.case.language] for flag in flags if flag.id == alert.flag), alert.flag)


def _batches() -> list[BatchFigure]:
    """Those under way, then the newest, each with its rows counted by state."""
    over = (Batch.State.COMPLETED, Batch.State.CANCELLED)
    is_over = Match(When(state__in=over, then=Value(1)), default=Value(0))
    shown = Batch.objects.order_by(is_over, "-created_at").values("pk")[:MOST_BATCHES]
    columns = ("pk", "file_name", "state", "created_at", "rows__state")
    rows = Batch.objects.filter(pk__in=shown).order_by(is_over, "-created_at").values_list(*columns)
    counts: dict[str, dict[str, int]] = {}
    batches: dict[str, tuple[str, str, datetime]] = {}
    for batch_id, file, state, created_at, row_state, count in rows.annotate(Count("rows__pk")):
        batches[batch_id] = (file, state, created_at)
        counts.setdefault(batch_id, {}).update({row_state: count} if row_state else {})
    return [_batch(batch_id, *batch, Counts(**counts[batch_id])) for batch_id, batch in batches.items()]


def _batch(batch_id: str, file: str, state: str, created_at: datetime, counts: Counts) -> BatchFigure:
    return BatchFigure(batch_id, file, state, counts.done, counts.to_do, counts.failed, counts.percent, created_at)


def _schedule(now: datetime) -> list[JobFigure]:
    """Every job that there should be, whether it ever ran or not."""
    rows = {row.name: row for row in ScheduledJob.objects.all()}
    figures = []
    for name, every in intervals().items():
        row = rows.get(name) or ScheduledJob(name=name)
        started = row.last_started_at
        figures.append(
            JobFigure(
                name=name,
                every=every.total_seconds(),
                last_started_at=started,
                last_finished_at=row.last_finished_at,
                milliseconds=row.milliseconds,
                outcome=row.outcome,
                failures=row.failures,
                next_at=started + every if started else None,
                is_late=now - started > LATE * every if started else not rows,
            )
        )
    return figures
