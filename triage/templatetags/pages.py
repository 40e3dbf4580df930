"""What the templates of the pages need besides Django's own tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django import template
from django.conf import settings

from triage.pages import wording

register = template.Library()

MOST_QUOTES = 3

register.filter("status_words", wording.status_words)
register.filter("confidence_words", wording.confidence_words)
register.filter("within_words", wording.within_words)
register.filter("review_words", wording.review_words)
register.filter("stage_words", wording.stage_words)


@register.simple_tag
def leave_url() -> str:
    """Where "leave this page" goes."""
    return settings.TRIAGE_LEAVE_URL


@register.filter
def moment(text: str) -> datetime:
    return wording.moment(text)


@register.filter
def day(text: str) -> date:
    return date.fromisoformat(text[:10])


@register.filter
def remaining_words(seconds: int) -> str:
    return wording.remaining_words(seconds)


@register.filter
def percent(share: float) -> int:
    return round(share * 100)


@register.filter
def quotes(evidence: Iterable[Mapping[str, str]]) -> list[str]:
    """The words that something rests on, each once."""
    return list(dict.fromkeys(item["text"] for item in evidence))[:MOST_QUOTES]


@register.filter
def dialled(number: str) -> str:
    """What stands behind `tel:`; a title may say "0800 111-2222"."""
    return re.sub(r"[^0-9+]", "", number)
