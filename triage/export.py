"""A case as one JSON document: all that is known of it but secrets, for people and programs elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from triage.events import Stored, envelope, rfc3339
from triage.models import Alert, Answer, Case, CaseEvent, Correction, TriageRun

FORMAT = 1
"""Raised when a field goes or changes its meaning; a new field leaves it as it is."""
TOGETHER = 50  # cases that are read with one set of queries

Document = dict[str, Any]


def case_documents(case_ids: Iterable[str]) -> Iterator[Document]:
    """The documents of those that exist, in the order in which the cases were opened."""
    cases = Case.objects.filter(pk__in=list(case_ids)).order_by("created_at", "pk")
    related = (
        "conversation__messages",
        "answers",
        "runs__steps",
        "runs__failed_attempts",
        "alerts",
        "corrections",
        "events",
    )
    rows = cases.select_related("flow", "owner", "conversation").defer("flow__document").prefetch_related(*related)
    return map(case_document, rows.iterator(chunk_size=TOGETHER))


def case_document(case: Case) -> Document:
    return {
        "format": FORMAT,
        "id": case.pk,
        "flow": {"id": case.flow.flow, "version": case.flow.version},
        "language": case.language,
        "state": case.state,
        "last_seq": case.last_seq,
        "owner": case.owner.get_username() if case.owner else None,
        **{name: _moment(getattr(case, name)) for name in ("created_at", "updated_at", "completed_at")},
        "consented_at": _moment(case.consented_at),
        "contact": _contact(case),
        "transcript": _transcript(case),
        "answers": [_answer(answer) for answer in case.answers.all()],
        "assessment": _assessment(case),
        "result": case.result,
        "runs": [_run(run) for run in reversed(case.runs.all())],
        "alerts": [_alert(alert) for alert in case.alerts.all()],
        "corrections": [_correction(correction) for correction in case.corrections.all()],
        "events": [_event(event) for event in case.events.all()],
    }


def _contact(case: Case) -> Document:
    return {
        "name": case.contact_name,
        "phone": case.contact_phone,
        "email": case.contact_email,
        "safe_to_call": case.safe_to_call,
    }


def _transcript(case: Case) -> list[Document]:
    return [
        {
            "message_id": message.pk,
            "number": message.number,
            "role": message.role,
            "text": message.text,
            "at": rfc3339(message.said_at),
        }
        for message in case.conversation.messages.all()
    ]


def _answer(answer: Answer) -> Document:
    """`values` are readings: slot, value, and the characters of the message it was read from.

    `alarms`: dangers that the message hints at, and its characters that do; null where nobody listened for hints.
    """
    return {
        "number": answer.number,
        "message_id": answer.message_id,
        "kind": answer.kind,
        "question": answer.question or None,
        "values": answer.readings,
        "next_question": answer.next_question or None,
        "alarms": answer.alarms,
    }


def _assessment(case: Case) -> Document:
    """Where it stands now; the events tell how it came to be and from which words."""
    return {
        "category": case.category or None,
        "complexity": case.complexity or None,
        "score": case.score,
        "confidence": case.confidence,
        "urgency": case.urgency,
        "deadline": case.deadline.isoformat() if case.deadline else None,
        "red_flags": case.red_flags,
        "priority": case.priority or None,
    }


def _run(run: TriageRun) -> Document:
    steps = [
        {
            "name": step.name,
            "milliseconds": step.milliseconds,
            "finished_at": rfc3339(step.finished_at),
            "output": step.output,
        }
        for step in run.steps.all()
    ]
    return {
        **{name: getattr(run, name) for name in ("id", "state", "lane", "priority", "attempts", "last_step", "error")},
        **{name: _moment(getattr(run, name)) for name in ("created_at", "started_at", "finished_at")},
        "steps": steps,
        "failed_attempts": [
            {"attempt": tried.attempt, "step": tried.step, "error": tried.error, "at": rfc3339(tried.at)}
            for tried in run.failed_attempts.all()
        ],
    }


def _alert(alert: Alert) -> Document:
    """Who acknowledged it is for the admin."""
    return {
        "flag": alert.flag,
        "raised_at": rfc3339(alert.raised_at),
        "acknowledged_at": _moment(alert.acknowledged_at),
    }


def _correction(correction: Correction) -> Document:
    """What staff decided otherwise; who it was is for the admin, and in the events."""
    names = ("field", "old", "new", "reason", "status", "text")
    return {**{name: getattr(correction, name) for name in names}, "at": rfc3339(correction.at)}


def _event(event: CaseEvent) -> Document:
    """The envelope of every transport, as staff see it."""
    return envelope(Stored(event.case_id, event.seq, event.type, event.at, event.data), "staff")


def _moment(at: datetime | None) -> str | None:
    return rfc3339(at) if at else None
