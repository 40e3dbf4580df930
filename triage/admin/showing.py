"""Small pieces that lists and pages share. Everything that was not written here is escaped."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Case as Match
from django.db.models import Value, When
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from triage.models import Priority

LEVELS = {"low": _("low"), "medium": _("medium"), "high": _("high")}
NOTHING = "–"


def badge(kind: str, value: str, title: object) -> SafeString:
    """Coloured by `triage/admin.css`; the word says the same to whoever sees no colours."""
    return format_html('<span class="badge {}-{}">{}</span>', kind, value, title)


def code(value: object) -> SafeString:
    """JSON for people."""
    return format_html('<pre class="json">{}</pre>', pretty(value))


def pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def case_link(case_id: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("admin:triage_case_change", args=[quote(case_id)]), case_id)


def urgency_rank(field: str) -> Match:
    """0 for the most urgent: the words do not sort by themselves."""
    ranks = (When(**{field: level}, then=Value(rank)) for rank, level in enumerate(Priority.values))
    return Match(*ranks, default=Value(len(Priority.values)))
