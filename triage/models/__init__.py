"""The rows that are the truth: cases, their numbered events, answers, runs, who may see, flows.

States are written by the orchestrator's verbs and nowhere else. Features keep their models beside them; all are named
here, where Django looks for them.
"""

from __future__ import annotations

from triage.analysis.semantic.models import FlowClassifier
from triage.batches.models import Batch, BatchRow
from triage.board.models import LaneMinute, ModelDay, ScheduledJob
from triage.corrections.models import Correction
from triage.models.access import ApiKey, GuestAccess, IdempotencyKey
from triage.models.alerts import Alert
from triage.models.cases import Answer, Case, CaseEvent, Priority, new_case_id
from triage.models.flows import FlowVersion
from triage.models.runs import FailedAttempt, RunStep, TriageRun

__all__ = [
    "Alert",
    "Answer",
    "ApiKey",
    "Batch",
    "BatchRow",
    "Case",
    "CaseEvent",
    "Correction",
    "FailedAttempt",
    "FlowClassifier",
    "FlowVersion",
    "GuestAccess",
    "IdempotencyKey",
    "LaneMinute",
    "ModelDay",
    "Priority",
    "RunStep",
    "ScheduledJob",
    "TriageRun",
    "new_case_id",
]
