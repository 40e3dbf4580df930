"""What staff see and do: alerts, cases, corrections, runs, flows and API keys.

Whatever changes a case goes through the verbs."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from triage.admin.alerts import AlertAdmin
from triage.admin.cases import CaseAdmin
from triage.admin.corrections import CorrectionAdmin
from triage.admin.flows import FlowVersionAdmin
from triage.admin.keys import ApiKeyAdmin
from triage.admin.runs import TriageRunAdmin

__all__ = ["AlertAdmin", "ApiKeyAdmin", "CaseAdmin", "CorrectionAdmin", "FlowVersionAdmin", "TriageRunAdmin"]

admin.site.site_header = admin.site.site_title = _("Triage")
