"""The JSON API under `/api/v2/` (and the predecessor's `/api/api/v2/`): parse, call a verb, shape the answer."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DataError, OperationalError
from django.db.models import Count, F
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone, translation
from ninja import NinjaAPI, Router, Status
from ninja.errors import HttpError, ValidationError
from ninja.params.functions import Header, Query
from ninja.parser import Parser

from conversations import memory
from conversations.errors import MemoryUnavailable
from triage import eventlog, orchestrator, schemas
from triage.access import Actor, access_case
from triage.api_batches import router as batches_router
from triage.api_tasks import alerts as alerts_router
from triage.api_tasks import router as tasks_router
from triage.credentials import actor_of_request, bearer
from triage.errors import InvalidInput, NotAllowed, NotSignedIn, ResultNotReady, TooBig, TriageError, Unavailable
from triage.events import envelope, rfc3339
from triage.health import redis_health
from triage.models import Case, TriageRun
from triage.problems import problem_response
from triage.projection import fold

router = Router(tags=["triage"])
Key = Header(None, alias="Idempotency-Key", pattern=rf"^({schemas.PLAIN})?$")


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def credentials(request: HttpRequest) -> Actor:
    """Bearer first, then the cookie, which for unsafe methods needs the CSRF token. Raises NotSignedIn."""
    actor = actor_of_request(request)
    if not actor.is_known:
        raise NotSignedIn
    if bearer(request.headers.get("Authorization", "")) is None:
        check = _CsrfCheck(lambda _request: HttpResponse())
        check.process_request(request)
        if check.process_view(request, lambda _request: HttpResponse(), (), {}):
            raise NotAllowed("The CSRF token is missing or wrong.")
    return actor


class ObjectParser(Parser):
    """A request is a JSON object; anything else would pass as one whose fields are all absent."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        body: Any = super().parse_body(request)
        if not isinstance(body, dict):
            raise ValueError("not an object")
        return body


class Api(NinjaAPI):
    def create_response(self, request: HttpRequest, data: Any, **kwargs: Any) -> HttpResponse:
        response = super().create_response(request, data, **kwargs)
        response["Cache-Control"] = "no-store"  # what a person tells is for nobody's cache
        return response


api = Api(
    title="Triage",
    version="2",
    description=(
        "A person tells their case; the interviewer asks only what it still needs.\n\n"
        "**Live events**: `GET /api/v2/triage/stream/{case_id}` (Server-Sent Events; `Last-Event-ID` or `?after=` "
        "resumes) and the WebSocket `/ws/triage/{case_id}/` carry the same envelopes as `events`."
    ),
    auth=credentials,
    parser=ObjectParser(),
    docs_url="/docs",
    openapi_url="/openapi.json",
    urls_namespace="api",
)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


@router.post("/start", response=schemas.TurnOut, summary="Open a case")
def start(request: HttpRequest, body: schemas.StartIn, key: str | None = Key) -> dict[str, Any]:
    outcome = orchestrator.open_case(
        actor=_actor(request),
        flow_id=body.flow or settings.TRIAGE_DEFAULT_FLOW,
        language=body.language or _accepted_language(request),
        text=body.message,
        key=key or None,
    )
    return schemas.turn_body(outcome)


@router.post("/continue", response=schemas.TurnOut, summary="Say something")
def continue_(request: HttpRequest, body: schemas.ContinueIn, key: str | None = Key) -> dict[str, Any]:
    outcome = orchestrator.answer(
        actor=_actor(request), case_id=body.case_id, text=body.message, question=body.question_id, key=key or None
    )
    return schemas.turn_body(outcome)


@router.get("/status/{case_id}", response=schemas.StatusOut, summary="Where a case stands")
def status(request: HttpRequest, case_id: str, at_seq: int | None = Query(None, ge=1)) -> dict[str, Any]:
    """`at_seq`: as it was after that event, for whoever wants to know what was known when."""
    case = access_case(_actor(request), case_id)
    if at_seq is not None and at_seq > case.last_seq:
        raise InvalidInput(fields={"at_seq": f"The log ends at {case.last_seq}."})
    log = eventlog.all_of(case.pk) if at_seq is None else eventlog.after(case.pk, 0, limit=at_seq)
    return schemas.status_body(case, fold(log, _actor(request).audience))


@router.get("/result/{case_id}", response=schemas.ResultOut, summary="The result")
def result(request: HttpRequest, case_id: str) -> dict[str, Any]:
    case = access_case(_actor(request), case_id)
    if case.result is None or case.completed_at is None or case.state != Case.State.COMPLETED:
        raise ResultNotReady
    run = TriageRun.objects.filter(case=case, state=TriageRun.State.COMPLETED).order_by("-finished_at").first()
    seconds = (run.finished_at - run.created_at).total_seconds() if run and run.finished_at else 0.0
    actor = _actor(request)
    return schemas.result_body(case, round(seconds * 1000), rfc3339(case.completed_at), actor.audience)


@router.post("/force-complete", response=schemas.StatusOut, summary="End the interview, analyse what is known")
def force_complete(request: HttpRequest, body: schemas.CaseIn) -> dict[str, Any]:
    orchestrator.force_complete(actor=_actor(request), case_id=body.case_id)
    return status(request, body.case_id, None)


@router.post("/cancel/{case_id}", response=schemas.StatusOut, summary="Cancel")
def cancel(request: HttpRequest, case_id: str) -> dict[str, Any]:
    orchestrator.cancel(actor=_actor(request), case_id=case_id)
    return status(request, case_id, None)


@router.post("/override/{case_id}", response=schemas.StatusOut, summary="Decide otherwise than the analysis (staff)")
def override(request: HttpRequest, case_id: str, body: schemas.OverrideIn) -> dict[str, Any]:
    """Category, complexity or urgency. It holds for later analyses too, until you decide what the analysis found.

    What is shown already changes nothing. The client sees the new value and that a person set it, not the reason.
    """
    orchestrator.override(
        actor=_actor(request), case_id=case_id, field=body.field, value=body.value, reason=body.reason
    )
    return status(request, case_id, None)


@router.delete("/cleanup/{case_id}", response=schemas.CleanedUpOut, summary="Forget the working memory")
def cleanup(request: HttpRequest, case_id: str) -> dict[str, Any]:
    orchestrator.clean_up(actor=_actor(request), case_id=case_id)
    return {"case_id": case_id, "status": "cleaned_up", "message": "The working memory is gone; the record stays."}


@router.get("/events/{case_id}", response=schemas.EventsOut, summary="The log, by pages")
def events(request: HttpRequest, case_id: str, after: int = Query(0, ge=0)) -> dict[str, Any]:
    actor = _actor(request)
    case = access_case(actor, case_id)
    page = eventlog.after(case.pk, after)
    reached = max(case.last_seq, page[-1].seq if page else 0)
    return {"events": [envelope(event, actor.audience) for event in page], "last_seq": reached}


@router.get("/stats", response=schemas.StatsOut, summary="Counts (staff)")
def stats(request: HttpRequest) -> dict[str, Any]:
    if not _actor(request).sees_all:
        raise NotAllowed
    by_status = dict(Case.objects.order_by().values_list("state").annotate(Count("pk")))
    complexity = Case.objects.exclude(complexity="").order_by()
    try:
        active = memory.statistics().active
    except MemoryUnavailable:
        active = by_status.get(Case.State.INTERVIEWING, 0)
    return {
        "active_conversations": active,
        "active_orchestrations": TriageRun.objects.filter(state__in=["queued", "running"]).count(),
        "by_status": by_status,
        "by_complexity": dict(complexity.values_list(F("complexity")).annotate(Count("pk"))),
        "redis_health": redis_health(),
        "timestamp": rfc3339(timezone.now()),
    }


@router.get(
    "/health",
    auth=None,
    response={200: schemas.HealthOut, 503: schemas.HealthOut},
    summary="Redis, as triage sees it",
)
def health(request: HttpRequest) -> Status[dict[str, Any]]:
    found = redis_health()
    return Status(200 if found["status"] == "healthy" else 503, found)


def _accepted_language(request: HttpRequest) -> str | None:
    """The visitor's language if it is one of ours, else None: the flow's first."""
    return translation.get_language_from_request(request) if request.headers.get("Accept-Language") else None


def _on_triage_error(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem_response(error)


def _on_validation_error(_request: HttpRequest, error: Any) -> HttpResponse:
    fields = {".".join(map(str, e["loc"][2:] or e["loc"][1:])): e["msg"] for e in error.errors}
    return problem_response(InvalidInput(fields=fields))


def _on_database_away(_request: HttpRequest, _error: Any) -> HttpResponse:
    return problem_response(Unavailable("The database is busy or away; nothing was stored."))


def _on_unstorable(_request: HttpRequest, _error: Any) -> HttpResponse:
    """Characters that no row can hold, such as NUL."""
    return problem_response(InvalidInput("The request has characters that cannot be stored."))


def _on_http_error(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem_response(InvalidInput(str(error)))


def _on_too_big(_request: HttpRequest, _error: Any) -> HttpResponse:
    return problem_response(TooBig())


api.add_exception_handler(TriageError, _on_triage_error)
api.add_exception_handler(ValidationError, _on_validation_error)
api.add_exception_handler(OperationalError, _on_database_away)
api.add_exception_handler(DataError, _on_unstorable)
api.add_exception_handler(HttpError, _on_http_error)
api.add_exception_handler(RequestDataTooBig, _on_too_big)
api.add_router("/triage", router)
api.add_router("/batches", batches_router)
api.add_router("/tasks", tasks_router)
api.add_router("/alerts", alerts_router)
