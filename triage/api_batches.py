"""`/api/v2/batches`: many cases from one file (staff)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import translation
from ninja import Router, Schema, Status, UploadedFile
from ninja.params.functions import File, Form, Query

from triage import orchestrator
from triage.access import Actor, allow_staff
from triage.batches.access import access_batch
from triage.batches.models import Batch
from triage.batches.results import CONTENT_TYPES, Counts, counts_of, download, problem_rows, sentences
from triage.events import rfc3339
from triage.schemas import PLAIN

MOST_LISTED = 100

router = Router(tags=["batches"])


class RowCounts(Schema):
    waiting: int
    told: int
    completed: int
    failed: int
    cancelled: int
    skipped: int
    invalid: int


class BatchOut(Schema):
    """`progress`: percent of the rows to be told that are completed or failed."""

    batch_id: str
    status: str
    flow: str
    flow_version: int
    language: str
    file: str
    rows: RowCounts
    total: int
    progress: int
    created_at: str
    started_at: str | None
    finished_at: str | None


class ProblemOut(Schema):
    line: int
    external_id: str
    problems: list[dict[str, str]]
    message: str


class ProblemsOut(Schema):
    """Ask again with `after`, the last line of this page, until the page is empty."""

    rows: list[ProblemOut]


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


@router.post("", response={201: BatchOut}, summary="Upload a file; every row is checked, nothing starts")
def create(
    request: HttpRequest,
    file: UploadedFile = File(...),  # noqa: B008 - ninja's way to say where it comes from
    flow: str = Form(..., max_length=40, pattern=rf"^{PLAIN}$"),
    language: str | None = Form(None, max_length=10),
    start: bool = Form(False),
    skip_bad: bool = Form(False),
) -> Status[dict[str, Any]]:
    """CSV, JSON Lines or XLSX with the column `text`, and perhaps `external_id` and slots of the flow.

    `start`: also start it, if no row has mistakes or `skip_bad` says to leave those out.
    """
    actor = _actor(request)
    with translation.override("en"):  # of what is wrong with the file
        batch = orchestrator.create_batch(
            actor=actor, flow_id=flow, language=language or None, file=file, name=file.name or ""
        )
    if start and (skip_bad or not counts_of([batch.pk])[batch.pk].invalid):
        batch = orchestrator.start_batch(actor=actor, batch_id=batch.pk, skip_bad=skip_bad)
    return Status(201, _body(batch))


@router.get("", response=list[BatchOut], summary="The newest batches")
def newest(request: HttpRequest) -> list[dict[str, Any]]:
    allow_staff(_actor(request))
    batches = list(Batch.objects.select_related("flow").defer("flow__document")[:MOST_LISTED])
    counts = counts_of(batch.pk for batch in batches)
    return [_body(batch, counts[batch.pk]) for batch in batches]


@router.get("/{batch_id}", response=BatchOut, summary="How far a batch is")
def status(request: HttpRequest, batch_id: str) -> dict[str, Any]:
    return _body(access_batch(_actor(request), batch_id))


@router.post("/{batch_id}/start", response=BatchOut, summary="Start; 409 while rows have mistakes")
def start(request: HttpRequest, batch_id: str, skip_bad: bool = Query(False)) -> dict[str, Any]:
    return _body(orchestrator.start_batch(actor=_actor(request), batch_id=batch_id, skip_bad=skip_bad))


@router.post("/{batch_id}/pause", response=BatchOut, summary="Tell no more rows for now")
def pause(request: HttpRequest, batch_id: str) -> dict[str, Any]:
    return _body(orchestrator.pause_batch(actor=_actor(request), batch_id=batch_id))


@router.post("/{batch_id}/resume", response=BatchOut, summary="Go on")
def resume(request: HttpRequest, batch_id: str) -> dict[str, Any]:
    return _body(orchestrator.resume_batch(actor=_actor(request), batch_id=batch_id))


@router.post("/{batch_id}/cancel", response=BatchOut, summary="End it; what is completed stays")
def cancel(request: HttpRequest, batch_id: str) -> dict[str, Any]:
    return _body(orchestrator.cancel_batch(actor=_actor(request), batch_id=batch_id))


@router.get("/{batch_id}/problems", response=ProblemsOut, summary="Mistakes by line, by pages")
def problems(request: HttpRequest, batch_id: str, after: int = Query(0, ge=0, lt=2**31)) -> dict[str, Any]:
    batch = access_batch(_actor(request), batch_id)
    with translation.override("en"):
        rows = [
            {
                "line": row.line,
                "external_id": row.external_id,
                "problems": row.problems,
                "message": " ".join(sentences(row)),
            }
            for row in problem_rows(batch, after=after)
        ]
    return {"rows": rows}


@router.get("/{batch_id}/results", summary="The rows and what came of them so far", response={200: None})
def results(
    request: HttpRequest, batch_id: str, as_: Literal["csv", "jsonl"] = Query("jsonl", alias="format")
) -> StreamingHttpResponse:
    batch = access_batch(_actor(request), batch_id)
    response = StreamingHttpResponse(download(batch, as_), content_type=CONTENT_TYPES[as_])
    response["Content-Disposition"] = f'attachment; filename="{batch.pk}.{as_}"'
    response["Cache-Control"] = "no-store"
    return response


def _body(batch: Batch, counts: Counts | None = None) -> dict[str, Any]:
    counts = counts or counts_of([batch.pk])[batch.pk]
    return {
        "batch_id": batch.pk,
        "status": batch.state,
        "flow": batch.flow.flow,
        "flow_version": batch.flow.version,
        "language": batch.language,
        "file": batch.file_name,
        "rows": asdict(counts),
        "total": counts.total,
        "progress": counts.percent,
        "created_at": rfc3339(batch.created_at),
        "started_at": _moment(batch.started_at),
        "finished_at": _moment(batch.finished_at),
    }


def _moment(at: datetime | None) -> str | None:
    return rfc3339(at) if at else None
