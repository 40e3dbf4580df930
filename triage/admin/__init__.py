"""What staff see and do: cases, runs, flows and API keys. Whatever changes a case goes through the verbs."""

from __future__ import annotations

from triage.admin.cases import CaseAdmin
from triage.admin.flows import FlowVersionAdmin
from triage.admin.keys import ApiKeyAdmin
from triage.admin.runs import TriageRunAdmin

__all__ = ["ApiKeyAdmin", "CaseAdmin", "FlowVersionAdmin", "TriageRunAdmin"]
