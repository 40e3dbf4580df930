from __future__ import annotations

from django.apps import AppConfig


class TriageProjectConfig(AppConfig):
    name = "triage_project"
    verbose_name = "Installation"
