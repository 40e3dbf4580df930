"""`/api/v2/tasks` and `/api/v2/alerts`: the board's figures, runs and what may be done with them (staff)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from triage import orchestrator
from triage.access import Actor, allow_staff
from triage.board.figures import collect
from triage.board.filters import Filters
from triage.board.quality import Quality, quality
from triage.board.runs import run_figure, with_progress
from triage.board.shapes import Board, RunFigure
from triage.errors import InvalidInput, RunNotFound
from triage.models import Alert, TriageRun
from triage.orchestrator import Retried

MOST_IDS = 500
Lane = Literal["interactive", "batch"]
State = Literal["queued", "running", "completed", "failed", "cancelled", "discarded"]
PriorityWord = Literal["critical", "high", "normal", "low"]
FILTERS = ("lane", "state", "priority", "error", "step")
Plain = Annotated[str, Field(max_length=40, pattern=r"^[!-~]*$")]

router = Router(tags=["tasks"])
alerts = Router(tags=["tasks"])


class FilterIn(Schema):
    """What is left out does not narrow."""

    lane: Lane | Literal[""] = ""
    state: State | Literal[""] = ""
    priority: PriorityWord | Literal[""] = ""
    error: Plain = ""
    step: Plain = ""

    @property
    def filters(self) -> Filters:
        return Filters(**self.dict(include=set(FILTERS)))


class PageIn(FilterIn):
    cursor: Plain = ""
    limit: int = Field(50, ge=1, le=200)


class RunsOut(Schema):
    """`next_cursor`: ask again with it for older runs; null at the end."""

    runs: list[RunFigure]
    next_cursor: str | None


class StepOut(Schema):
    name: str
    milliseconds: int
    finished_at: datetime


class FailedAttemptOut(Schema):
    """`detail`: places in the program, without anybody's words."""

    attempt: int
    step: str
    error: str
    detail: str
    worker: str
    at: datetime


class RunDetailOut(Schema):
    run: RunFigure
    error_detail: str
    discard_reason: str
    steps: list[StepOut]
    failed_attempts: list[FailedAttemptOut]


class RetryIn(Schema):
    """Either `ids`, or a filter of dead letters; all of them only with `all`."""

    ids: list[Plain] = Field(default_factory=list, max_length=MOST_IDS)
    error: Plain = ""
    step: Plain = ""
    lane: Lane | Literal[""] = ""
    all: bool = False


class RefusedOut(Schema):
    run_id: str
    code: str
    detail: str


class RetriedOut(Schema):
    retried: list[str]
    refused: list[RefusedOut]


class DiscardIn(Schema):
    reason: str = Field(max_length=orchestrator.LONGEST_REASON)


class PriorityIn(Schema):
    priority: PriorityWord
    reason: str = Field(max_length=orchestrator.LONGEST_REASON)


class AlertOut(Schema):
    alert_id: int
    case_id: str
    flag: str
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None


def _staff(request: HttpRequest, *, to_change: bool = False) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]
    allow_staff(actor, to_change=to_change)
    return actor


@router.get("", response=RunsOut, summary="Runs, newest first, by pages")
def runs(request: HttpRequest, page: Query[PageIn]) -> RunsOut:
    _staff(request)
    wanted = TriageRun.objects.filter(**page.filters.columns)
    wanted = wanted.filter(state=page.state) if page.state else wanted
    wanted = wanted.filter(pk__lt=page.cursor) if page.cursor else wanted  # ids sort by time
    found = list(with_progress(wanted).defer("error_detail").order_by("-pk")[: page.limit + 1])
    shown = found[: page.limit]
    return RunsOut(
        runs=[run_figure(run) for run in shown], next_cursor=shown[-1].pk if len(found) > page.limit else None
    )


@router.get("/board", response=Board, summary="What the board shows")
def board(request: HttpRequest, wanted: Query[FilterIn]) -> Board:
    _staff(request)
    return collect(wanted.filters)


@router.get("/quality", response=Quality, summary="How often staff decide otherwise, and what has drifted")
def quality_figures(request: HttpRequest) -> Quality:
    _staff(request)
    return quality()


@router.post("/retry", response=RetriedOut, summary="Try many failed runs again")
def retry_many(request: HttpRequest, body: RetryIn) -> RetriedOut:
    """Each on its own: one that refuses does not keep the others waiting."""
    actor = _staff(request, to_change=True)
    narrows = bool(body.error or body.step or body.lane)
    if body.ids and (narrows or body.all):
        raise InvalidInput(fields={"ids": "Either ids or a filter, not both."})
    if body.ids:
        return _retried(orchestrator.retry_runs(actor=actor, ids=dict.fromkeys(body.ids)))
    if not narrows and not body.all:
        raise InvalidInput(fields={"ids": "Give ids, a filter, or all: true."})
    return _retried(orchestrator.retry_matching(actor=actor, error=body.error, last_step=body.step, lane=body.lane))


@router.get("/{run_id}", response=RunDetailOut, summary="A run with its steps and failed attempts")
def detail(request: HttpRequest, run_id: str) -> RunDetailOut:
    _staff(request)
    return _detail(run_id)


@router.post("/{run_id}/retry", response=RunDetailOut, summary="Go on at the step that failed")
def retry(request: HttpRequest, run_id: str) -> RunDetailOut:
    orchestrator.retry_run(actor=_staff(request, to_change=True), run_id=run_id)
    return _detail(run_id)


@router.post("/{run_id}/discard", response=RunDetailOut, summary="Nobody will try it again")
def discard(request: HttpRequest, run_id: str, body: DiscardIn) -> RunDetailOut:
    orchestrator.discard_run(actor=_staff(request, to_change=True), run_id=run_id, reason=body.reason)
    return _detail(run_id)


@router.post("/{run_id}/priority", response=RunDetailOut, summary="Analyse its case sooner or later")
def set_priority(request: HttpRequest, run_id: str, body: PriorityIn) -> RunDetailOut:
    actor = _staff(request, to_change=True)
    orchestrator.set_priority_of_run(actor=actor, run_id=run_id, priority=body.priority, reason=body.reason)
    return _detail(run_id)


@alerts.post("/{alert_id}/acknowledge", response=AlertOut, summary="Somebody has seen it, by name; twice is once")
def acknowledge(request: HttpRequest, alert_id: int) -> AlertOut:
    return _alert(orchestrator.acknowledge_alert(actor=_staff(request, to_change=True), alert_id=alert_id))


def _detail(run_id: str) -> RunDetailOut:
    run = with_progress(TriageRun.objects.filter(pk=run_id)).first()
    if run is None:
        raise RunNotFound
    return RunDetailOut(
        run=run_figure(run),
        error_detail=run.error_detail,
        discard_reason=run.discard_reason,
        steps=[StepOut.from_orm(step) for step in run.steps.all()],
        failed_attempts=[FailedAttemptOut.from_orm(attempt) for attempt in run.failed_attempts.all()],
    )


def _retried(outcome: Retried) -> RetriedOut:
    refused = [RefusedOut(run_id=key, code=why.code, detail=why.detail) for key, why in outcome.refused.items()]
    return RetriedOut(retried=outcome.runs, refused=refused)


def _alert(alert: Alert) -> AlertOut:
    return AlertOut(
        alert_id=alert.pk,
        case_id=alert.case_id,
        flag=alert.flag,
        raised_at=alert.raised_at,
        acknowledged_at=alert.acknowledged_at,
        acknowledged_by=alert.acknowledged_by.get_username() if alert.acknowledged_by else None,
    )
