"""What staff see and do: alerts, cases, corrections, runs, flows and API keys.

Whatever changes a case goes through the verbs."""

from __future__ import annotations

from triage.admin.alerts import AlertAdmin
from triage.admin.cases import CaseAdmin
from triage.admin.corrections import CorrectionAdmin
from triage.admin.flows import FlowVersionAdmin
from triage.admin.keys import ApiKeyAdmin
from triage.admin.runs import TriageRunAdmin

__all__ = ["AlertAdmin", "ApiKeyAdmin", "CaseAdmin", "CorrectionAdmin", "FlowVersionAdmin", "TriageRunAdmin"]
