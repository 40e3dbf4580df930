"""The catalogue of events, one frozen dataclass each, and the envelope they travel in.

A stored event is a row `(case, seq, type, data, at)`; on every transport it is the same flat JSON object:
`case_id`, `seq`, `type`, `at` (UTC, RFC 3339) and the event's own fields. State is the fold of events
(`projection.py`). Every viewer gets every seq; what a viewer may not see is left out field by field
(`STAFF_ONLY`), never event by event. Clients ignore unknown types.

Frames without an id are not stored: `stream_reset`, `stream_end` and the heartbeat comment (`stream.py`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

Audience = Literal["client", "staff"]
By = Literal["client", "staff", "system"]


@dataclass(frozen=True, slots=True)
class Event:
    """Base: `type` is the wire name; fields are the event's own fields."""

    type: ClassVar[str]
    STAFF_ONLY: ClassVar[frozenset[str]] = frozenset()

    def data(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TriageStarted(Event):
    """A case was opened. `message` is a sentence for people in the case's language."""

    type: ClassVar[str] = "triage_started"
    flow: str
    flow_version: int
    language: str
    message: str


@dataclass(frozen=True, slots=True)
class MessageAdded(Event):
    """Somebody said something.

    `role` client or interviewer. For the interviewer `question` is what is asked, `{id, kind, text, reason,
    hint, choices: [{id, title}], number, most}`, or None when nothing is asked; for the client it is `{id}` of
    what was answered, or None.
    """

    type: ClassVar[str] = "message_added"
    role: Literal["client", "interviewer"]
    text: str
    message_id: str
    question: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ComplexityUpdate(Event):
    """Level or confidence moved. `previous` is `{level, confidence}`, or None the first time."""

    type: ClassVar[str] = "complexity_update"
    level: str
    confidence: float
    score: float
    factors: list[dict[str, Any]]
    previous: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class AssessmentUpdated(Event):
    """What the case looks like after an answer; shapes as in `analysis.base.Assessment`."""

    type: ClassVar[str] = "assessment_updated"
    category: dict[str, Any]
    alternatives: list[dict[str, Any]]
    urgency: dict[str, Any]
    red_flags: list[dict[str, Any]]
    understood: list[dict[str, Any]]
    missing: list[str]


@dataclass(frozen=True, slots=True)
class TriageUpdate(Event):
    """Progress, for people. `progress` is 0 to 100; `stage` is interview or a step of the run.

    `remaining_seconds`: within which most analyses like this were done; None where that cannot be told.
    """

    type: ClassVar[str] = "triage_update"
    message: str
    progress: int
    stage: str
    remaining_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class TriageQueued(Event):
    """The analysis waits in lane `queue`; `position` counts from 1. Written again when the position moved a lot."""

    type: ClassVar[str] = "triage_queued"
    priority: str
    queue: str
    position: int


@dataclass(frozen=True, slots=True)
class TriageCompleted(Event):
    """The result is here: the object of `analysis/result.py`."""

    type: ClassVar[str] = "triage_completed"
    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TriageFailed(Event):
    """The analysis gave up after `attempts` tries. `code` is stable; `message` is for people."""

    type: ClassVar[str] = "triage_failed"
    code: str
    message: str
    retryable: bool
    attempts: int


@dataclass(frozen=True, slots=True)
class TriageCancelled(Event):
    """Nobody will analyse this case any more."""

    type: ClassVar[str] = "triage_cancelled"
    reason: str
    by: By
    message: str


@dataclass(frozen=True, slots=True)
class TriageExpired(Event):
    """The person was away for longer than the conversation's time to live; coming back reopens."""

    type: ClassVar[str] = "triage_expired"
    reason: str
    by: By
    message: str


@dataclass(frozen=True, slots=True)
class TriageReopened(Event):
    """An expired, failed or completed case goes on; `status` is the state it is in now."""

    type: ClassVar[str] = "triage_reopened"
    reason: str
    by: By
    message: str
    status: str


@dataclass(frozen=True, slots=True)
class PriorityChanged(Event):
    """Staff decided that the case is analysed sooner or later. `field` is "priority"; `by` is their user name."""

    type: ClassVar[str] = "priority_changed"
    STAFF_ONLY: ClassVar[frozenset[str]] = frozenset({"reason", "by"})
    field: str
    old: str
    new: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class CaseOverridden(Event):
    """Staff decided otherwise than the analysis. `field` is category, complexity or urgency; `old` and `new` are what
    was and is shown (ids of categories, else levels), `found` what the analysis says itself: where `new` is the
    same, the override has ended. `result` is the result as it is now, or None where this changes none.

    `assessment_updated` or `complexity_update` with the new value follows it. `by` is a user name, or "system" when a
    new danger ended what was decided without it.
    """

    type: ClassVar[str] = "case_overridden"
    STAFF_ONLY: ClassVar[frozenset[str]] = frozenset({"reason", "by"})
    field: str
    old: str
    new: str
    found: str
    result: dict[str, Any] | None
    reason: str
    by: str


CATALOGUE: dict[str, type[Event]] = {
    kind.type: kind
    for kind in (
        TriageStarted,
        MessageAdded,
        ComplexityUpdate,
        AssessmentUpdated,
        TriageUpdate,
        TriageQueued,
        TriageCompleted,
        TriageFailed,
        TriageCancelled,
        TriageExpired,
        TriageReopened,
        PriorityChanged,
        CaseOverridden,
    )
}


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as it stands in the log."""

    case_id: str
    seq: int
    type: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)


def envelope(event: Stored, audience: Audience) -> dict[str, Any]:
    """The flat object that every transport carries."""
    kind = CATALOGUE.get(event.type)
    hidden = kind.STAFF_ONLY if kind is not None and audience != "staff" else frozenset()
    own = {name: value for name, value in event.data.items() if name not in hidden}
    return {
        "case_id": event.case_id,
        "seq": event.seq,
        "type": event.type,
        "at": rfc3339(event.at),
        **own,
    }


def rfc3339(moment: datetime) -> str:
    """UTC with milliseconds and a Z, as JavaScript writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # `dumps` would make one for each event


def encode(body: dict[str, Any]) -> str:
    return _encoder.encode(body)


def sse_frame(seq: int, type_: str, body: str) -> bytes:
    """One SSE frame; `body` is the encoded envelope, in which JSON leaves no raw line break."""
    return f"id: {seq}\nevent: {type_}\ndata: {body}\n\n".encode()
