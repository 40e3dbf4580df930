"""Whether the analyzer that the settings name can hold an interview; for `manage.py check` and `doctor`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

NEEDED = ("analyse", "alarms")


def check_analyzer(**_kwargs: Any) -> list[CheckMessage]:
    try:
        named = import_string(settings.TRIAGE_ANALYZER)
    except ImportError as error:
        return [Error(f"TRIAGE_ANALYZER: {error}", id="triage.E001")]
    if lacking := [name for name in NEEDED if not hasattr(named, name)]:
        return [Error(f"TRIAGE_ANALYZER: {settings.TRIAGE_ANALYZER} has no {', '.join(lacking)}.", id="triage.E001")]
    return []
