"""Events in plain words, for people who do not know their names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from triage.admin.showing import LEVELS, pretty
from triage.events import Stored
from triage.models import Correction, Priority

Data = dict[str, Any]

TITLES = {
    "triage_started": _("Opened"),
    "message_added": _("Message"),
    "complexity_update": _("Complexity"),
    "assessment_updated": _("Assessment"),
    "triage_update": _("Progress"),
    "triage_queued": _("Waiting for analysis"),
    "triage_completed": _("Completed"),
    "triage_failed": _("Failed"),
    "triage_cancelled": _("Cancelled"),
    "triage_expired": _("Expired"),
    "triage_reopened": _("Taken up again"),
    "priority_changed": _("Priority changed"),
    "case_overridden": _("Decided by staff"),
}
ROLES = {"client": _("Client"), "interviewer": _("Interviewer")}
BY = {"client": _("by the client"), "staff": _("by staff"), "system": _("by itself")}
TEXT_LENGTH = 160  # characters of a message; the rest is in the transcript


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline; `data` is the event's own fields as JSON."""

    seq: int
    at: datetime
    type: str
    title: str
    summary: str
    data: str


def moments(events: Iterable[Stored]) -> list[Moment]:
    return [
        Moment(event.seq, event.at, event.type, title(event.type), summary(event), pretty(event.data))
        for event in events
    ]


def title(type_: str) -> str:
    return str(TITLES.get(type_, type_))


def summary(event: Stored) -> str:
    """Nothing for events of a newer kind; their data can be opened all the same."""
    tell = SUMMARIES.get(event.type)
    return tell(event.data) if tell else ""


def _started(data: Data) -> str:
    return f"{data['flow']} v{data['flow_version']}, {data['language']}"


def _message(data: Data) -> str:
    text = " ".join(data["text"].split())
    return f"{ROLES.get(data['role'], data['role'])}: {Truncator(text).chars(TEXT_LENGTH)}"


def _complexity(data: Data) -> str:
    before = data["previous"]
    level = _level(data["level"])
    if before and before["level"] != data["level"]:
        level = f"{_level(before['level'])} → {level}"
    sure = f"{data['confidence']:.0%}"
    if before and before["confidence"] != data["confidence"]:
        sure = f"{before['confidence']:.0%} → {sure}"
    return gettext("%(level)s, confidence %(sure)s") % {"level": level, "sure": sure}


def _assessment(data: Data) -> str:
    flags = [f"⚑ {flag['title']}" for flag in data["red_flags"]]
    return ", ".join([data["category"]["title"], data["urgency"]["title"], *flags])


def _update(data: Data) -> str:
    return f"{data['message']} ({data['progress']} %)"


def _queued(data: Data) -> str:
    words = {"position": data["position"], "queue": data["queue"], "priority": _priority(data["priority"])}
    return gettext("%(priority)s, number %(position)s in lane %(queue)s") % words


def _completed(data: Data) -> str:
    result = data["result"]
    return f"{result['category']['title']}, {result['urgency']['title']}"


def _failed(data: Data) -> str:
    return f"{data['message']} ({data['code']}, {data['attempts']}×)"


def _ended(data: Data) -> str:
    return f"{data['reason']}, {BY.get(data['by'], data['by'])}"


def _priority_changed(data: Data) -> str:
    return f"{_priority(data['old'])} → {_priority(data['new'])}, {data['by']}: {data['reason']}"


def _overridden(data: Data) -> str:
    field = dict(Correction.Field.choices).get(data["field"], data["field"])
    shown = {"complexity": _level, "urgency": _priority}.get(data["field"], str)
    return f"{field}: {shown(data['old'])} → {shown(data['new'])}, {data['by']}: {data['reason']}"


def _level(level: str) -> str:
    return str(LEVELS.get(level, level))


def _priority(priority: str) -> str:
    return str(dict(Priority.choices).get(priority, priority))


SUMMARIES: dict[str, Callable[[Data], str]] = {
    "triage_started": _started,
    "message_added": _message,
    "complexity_update": _complexity,
    "assessment_updated": _assessment,
    "triage_update": _update,
    "triage_queued": _queued,
    "triage_completed": _completed,
    "triage_failed": _failed,
    "triage_cancelled": _ended,
    "triage_expired": _ended,
    "triage_reopened": _ended,
    "priority_changed": _priority_changed,
    "case_overridden": _overridden,
}
