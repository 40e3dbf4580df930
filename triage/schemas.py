"""Shapes of requests and responses of the JSON API."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from triage.events import Audience
from triage.models import Case
from triage.orchestrator import LONGEST_MESSAGE, LONGEST_REASON, TurnOutcome
from triage.projection import CaseView

PLAIN = r"[!-~]{1,200}"
"""Ids and keys: what no database or header refuses."""
Id = Annotated[str, Field(pattern=rf"^{PLAIN}$", max_length=40)]


class StartIn(Schema):
    """`{}` is enough: the default flow, in the language of Accept-Language, else the flow's first."""

    flow: Id | None = None
    language: Annotated[str, Field(pattern=rf"^{PLAIN}$", max_length=10)] | None = None
    message: str = Field("", max_length=LONGEST_MESSAGE)


class ContinueIn(Schema):
    """`question_id` absent: the open question; one answered before: a correction."""

    case_id: Id
    message: str = Field(max_length=LONGEST_MESSAGE)
    question_id: Id | None = None


class CaseIn(Schema):
    case_id: Id
    reason: str = Field("user_request", max_length=200)


class OverrideIn(Schema):
    """`value`: the id of a category of the case's flow, or a level of complexity (low, medium, high) or of
    urgency (low, normal, high, critical)."""

    field: Literal["category", "complexity", "urgency"]
    value: Id
    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


class Choice(Schema):
    id: str
    title: str


class QuestionOut(Schema):
    id: str
    kind: str
    text: str
    reason: str
    choices: list[Choice]


class TurnOut(Schema):
    case_id: str
    message: str
    status: str
    timestamp: str
    complexity_hint: str | None
    confidence: float
    last_seq: int
    question: QuestionOut | None
    result: dict[str, Any] | None = None


class ConversationStatus(Schema):
    status: str
    complexity_level: str | None
    confidence_score: float
    message_count: int
    created_at: str
    updated_at: str
    is_complete: bool


class StatusOut(Schema):
    """`state` is everything that a viewer sees of the case at `last_seq`, read together."""

    case_id: str
    status: str
    flow_type: str
    started_at: str
    conversation_status: ConversationStatus
    current_complexity: str | None
    current_confidence: float
    error: str | None
    last_seq: int
    state: dict[str, Any]


class ResultOut(Schema):
    case_id: str
    strategy_used: str
    complexity_level: str
    confidence_score: float
    triage_data: dict[str, Any]
    conversation_summary: str
    processing_time_ms: int
    flow_type: str
    case_type: str
    analysis_details: dict[str, Any]
    timestamp: str


class EventsOut(Schema):
    """A page of envelopes after the cursor; `last_seq` is where the log stands, so the page after the last is empty."""

    events: list[dict[str, Any]]
    last_seq: int


class CleanedUpOut(Schema):
    case_id: str
    status: Literal["cleaned_up"]
    message: str


class StatsOut(Schema):
    active_conversations: int
    active_orchestrations: int
    by_status: dict[str, int]
    by_complexity: dict[str, int]
    redis_health: dict[str, Any]
    timestamp: str


class HealthOut(Schema):
    status: Literal["healthy", "unhealthy"]
    latency_ms: float | None = None
    connected_clients: int | None = None
    used_memory: int | None = None
    uptime_seconds: int | None = None


def turn_body(outcome: TurnOutcome) -> dict[str, Any]:
    body = asdict(outcome)
    if outcome.question is not None:
        body["question"] = {name: outcome.question[name] for name in QuestionOut.model_fields}
    return {**body, "result": None}


def status_body(case: Case, view: CaseView) -> dict[str, Any]:
    level = view.complexity["level"] if view.complexity else None
    return {
        "case_id": case.pk,
        "status": view.status,
        "flow_type": view.result["flow_type"] if view.result else "unknown",
        "started_at": view.started_at,
        "conversation_status": {
            "status": view.status,
            "complexity_level": level,
            "confidence_score": view.confidence,
            "message_count": len(view.messages),
            "created_at": view.started_at,
            "updated_at": view.updated_at,
            "is_complete": view.status == "completed",
        },
        "current_complexity": level,
        "current_confidence": view.confidence,
        "error": view.failure["code"] if view.failure else None,
        "last_seq": view.last_seq,
        "state": view.as_dict(),
    }


def result_body(case: Case, milliseconds: int, timestamp: str, audience: Audience) -> dict[str, Any]:
    """Raises KeyError on a case without result: ask `case.result` first."""
    result = case.result or {}
    details = {"stages": result["stages"], "review": result["review"]}
    if audience == "staff":
        shown = ("old", "new", "at", "by", "reason")
        details["overridden"] = {f: {name: one[name] for name in shown} for f, one in case.overrides.items()}
    return {
        "case_id": case.pk,
        "strategy_used": result["strategy"],
        "complexity_level": result["complexity"]["level"],
        "confidence_score": result["confidence"],
        "triage_data": result,
        "conversation_summary": result["summary"],
        "processing_time_ms": milliseconds,
        "flow_type": result["flow_type"],
        "case_type": result["category"]["id"],
        "analysis_details": details,
        "timestamp": timestamp,
    }
