from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from triage.analysis.checks import check_analyzer
from triage.analysis.llm.checks import check_models


class TriageConfig(AppConfig):
    name = "triage"
    verbose_name = _("Triage")

    def ready(self) -> None:
        checks.register(check_analyzer)
        checks.register(check_models)
