"""State is the fold of events: what any viewer sees of a case, rebuilt from its log alone.

Pages, the API and the terminal show a `CaseView`; `at_seq` in time is the fold of a shorter log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from triage.events import Audience, Stored, envelope, rfc3339

TERMINAL = frozenset({"completed", "cancelled", "expired"})
"""States in which a stream that has shown everything ends. `failed` is not among them: a retry may come."""


@dataclass(slots=True)
class CaseView:
    """`question` is the interviewer's open question; `progress` is 0 to 100; `failure` `{code, message, retryable}`;
    `priority` what staff decided ("": nothing); `overridden`, by field, what they decided otherwise than the analysis:
    `{old, new, at}`, for staff also `by` and `reason`."""

    status: str = ""
    flow: str = ""
    flow_version: int = 0
    language: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)
    question: dict[str, Any] | None = None
    category: dict[str, Any] | None = None
    alternatives: list[dict[str, Any]] = field(default_factory=list)
    complexity: dict[str, Any] | None = None
    confidence: float = 0.0
    urgency: dict[str, Any] | None = None
    priority: str = ""
    overridden: dict[str, dict[str, Any]] = field(default_factory=dict)
    red_flags: list[dict[str, Any]] = field(default_factory=list)
    understood: list[dict[str, Any]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    progress: int = 0
    remaining_seconds: int | None = None
    stage: str = ""
    notice: str = ""
    queue: dict[str, Any] | None = None
    failure: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    started_at: str = ""
    updated_at: str = ""
    last_seq: int = 0

    @property
    def is_over(self) -> bool:
        return self.status in TERMINAL

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


Body = dict[str, Any]


def _started(view: CaseView, body: Body) -> None:
    view.status = "interviewing"
    view.flow, view.flow_version, view.language = body["flow"], body["flow_version"], body["language"]
    view.notice = body["message"]
    view.started_at = body["at"]


def _message(view: CaseView, body: Body) -> None:
    view.messages.append({key: body[key] for key in ("role", "text", "message_id", "question", "at", "seq")})
    if body["role"] == "interviewer":
        view.question = body["question"]


def _complexity(view: CaseView, body: Body) -> None:
    view.complexity = {key: body[key] for key in ("level", "score", "factors")}
    view.confidence = body["confidence"]


def _assessment(view: CaseView, body: Body) -> None:
    view.category, view.alternatives = body["category"], body["alternatives"]
    view.urgency, view.red_flags = body["urgency"], body["red_flags"]
    view.understood, view.missing = body["understood"], body["missing"]


def _update(view: CaseView, body: Body) -> None:
    view.progress, view.stage, view.notice = body["progress"], body["stage"], body["message"]
    view.remaining_seconds = body.get("remaining_seconds")  # events of an older release do not say
    if body["stage"] != "interview":
        view.status, view.queue = "analysing", None


def _queued(view: CaseView, body: Body) -> None:
    view.status, view.question, view.failure, view.remaining_seconds = "queued", None, None, None
    view.queue = {key: body[key] for key in ("priority", "queue", "position")}


def _completed(view: CaseView, body: Body) -> None:
    view.status, view.result, view.progress, view.queue = "completed", body["result"], 100, None
    view.remaining_seconds = None


def _failed(view: CaseView, body: Body) -> None:
    view.status, view.queue, view.remaining_seconds = "failed", None, None
    view.failure = {key: body[key] for key in ("code", "message", "retryable", "attempts")}


def _cancelled(view: CaseView, body: Body) -> None:
    view.status, view.queue, view.question, view.notice = "cancelled", None, None, body["message"]
    view.remaining_seconds = None


def _expired(view: CaseView, body: Body) -> None:
    view.status, view.notice = "expired", body["message"]


def _reopened(view: CaseView, body: Body) -> None:
    view.status, view.notice, view.failure = body["status"], body["message"], None


def _priority(view: CaseView, body: Body) -> None:
    view.priority = body["new"]


def _overridden(view: CaseView, body: Body) -> None:
    """The value itself comes with the assessment that follows."""
    view.overridden.pop(body["field"], None)
    if body["new"] != body["found"]:
        told: Body = {name: body[name] for name in ("new", "at", "by", "reason") if name in body}
        view.overridden[body["field"]] = {"old": body["found"], **told}
    if body["result"] is not None:
        view.result = body["result"]


FOLD: dict[str, Callable[[CaseView, Body], None]] = {
    "triage_started": _started,
    "message_added": _message,
    "complexity_update": _complexity,
    "assessment_updated": _assessment,
    "triage_update": _update,
    "triage_queued": _queued,
    "triage_completed": _completed,
    "triage_failed": _failed,
    "triage_cancelled": _cancelled,
    "triage_expired": _expired,
    "triage_reopened": _reopened,
    "priority_changed": _priority,
    "case_overridden": _overridden,
}


def fold(events: Iterable[Stored], audience: Audience = "client", view: CaseView | None = None) -> CaseView:
    """`view` with `events` applied (from nothing when None)."""
    view = view or CaseView()
    for event in events:
        if apply := FOLD.get(event.type):  # a newer release may write types that this one does not know
            apply(view, envelope(event, audience))
        view.last_seq, view.updated_at = event.seq, rfc3339(event.at)
    return view
