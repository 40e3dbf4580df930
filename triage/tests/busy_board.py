"""Rows as a busy installation has them, made directly: what the board counts is not what the verbs do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from conversations.ids import new_id
from conversations.models import Conversation
from triage.models import Case, FailedAttempt, TriageRun
from triage.tests.loaded_flows import load_small_flow


def lived(
    lane: str = "interactive",
    *,
    queued: datetime | None = None,
    waited: float | None = None,
    took: float | None = None,
    state: str = "",
    **columns: Any,
) -> TriageRun:
    """A run that waited so many seconds before it began, and ended so many after; None: it has not yet."""
    queued = queued or timezone.now()
    begun = queued + timedelta(seconds=waited) if waited is not None else None
    over = begun + timedelta(seconds=took) if begun and took is not None else None
    conversation = Conversation.objects.create(id=new_id("conv"), language="en", time_zone="America/Sao_Paulo")
    case = Case.objects.create(conversation=conversation, flow=load_small_flow(), language="en", state="queued")
    return TriageRun.objects.create(
        id=new_id("run"),
        case=case,
        lane=lane,
        state=state or ("completed" if over else "running" if begun else "queued"),
        queued_at=queued,
        tried_since=begun,
        started_at=begun,
        finished_at=over,
        **columns,
    )


def dead_letter(error: str = "TypeError", step: str = "assess", **columns: Any) -> TriageRun:
    run = lived(waited=1, took=1, state="failed", error=error, last_step=step, attempts=3, **columns)
    FailedAttempt.objects.create(run=run, attempt=1, step=step, error=error, worker="host:1@test")
    return run
