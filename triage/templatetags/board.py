"""What the templates of the board need: words for codes, and times as people say them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from triage.board.shapes import MinuteFigure
from triage.board.sparkline import HEIGHT, WIDTH, sparkline
from triage.models import Batch, Priority, TriageRun

register = template.Library()

JOBS = {
    "sweep": _("Take up what crashes left behind"),
    "alert": _("Mail alerts"),
    "expire": _("End conversations that were left"),
    "measure": _("Count the figures of the board"),
    "retain": _("Erase old cases"),
    "train": _("Learn from flows' examples"),
}
STAGES = {
    "gathering": _("reads what was told"),
    "assessing": _("assesses"),
    "composing": _("writes the result"),
}
CIRCUITS = {"closed": _("asked as usual"), "open": _("left alone"), "half_open": _("one call tries")}
SHORT = 8


@register.filter
def duration(seconds: float | None) -> str:
    """Two units at most: "12 s", "3 min", "2 h 5 min", "4 d"."""
    if seconds is None:
        return "–"
    whole = round(max(0.0, seconds))
    if whole < 1:
        return gettext("%(n)s s") % {"n": f"{max(0.0, seconds):.1f}".replace("0.0", "0")}
    if whole < 90:
        return gettext("%(n)s s") % {"n": whole}
    minutes = round(whole / 60)
    if minutes < 60:
        return gettext("%(n)s min") % {"n": minutes}
    if minutes < 48 * 60:
        return gettext("%(h)s h %(n)s min") % {"h": minutes // 60, "n": minutes % 60}
    return gettext("%(n)s d") % {"n": minutes // 1440}


@register.filter
def rate(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


@register.filter
def points(difference: float | None) -> str:
    """Percentage points, with the sign."""
    return "–" if difference is None else f"{100 * difference:+.0f}"


@register.filter
def ago(now: datetime, then: datetime | None) -> str:
    """`board.at|ago:moment`."""
    if then is None:
        return gettext("never")
    return gettext("%(time)s ago") % {"time": duration((now - then).total_seconds())}


@register.filter
def lasting(now: datetime, since: datetime | None) -> str:
    """`board.at|lasting:moment`."""
    return duration((now - since).total_seconds() if since else None)


@register.filter
def until(now: datetime, then: datetime | None) -> str:
    if then is None or then <= now:
        return gettext("now")
    return gettext("in %(time)s") % {"time": duration((then - now).total_seconds())}


@register.filter
def lane_words(lane: str) -> object:
    return TriageRun.Lane(lane).label


@register.filter
def priority_words(priority: str) -> object:
    return Priority(priority).label


@register.filter
def state_words(state: str) -> object:
    return TriageRun.State(state).label


@register.filter
def batch_words(state: str) -> object:
    return Batch.State(state).label


@register.filter
def job_words(name: str) -> object:
    return JOBS.get(name, name)


@register.filter
def step_words(stage: str) -> object:
    """What a run does now; nothing while its people were told of the interview last."""
    return STAGES.get(stage, "")


@register.filter
def circuit_words(state: str) -> object:
    return CIRCUITS.get(state, state)


@register.filter
def short_id(long_id: str) -> str:
    """The end, in which ids differ; a link's title has all of it."""
    return f"…{long_id[-SHORT:]}"


@register.inclusion_tag("board/sparkline.html")
def spark(minutes: Sequence[MinuteFigure], field: str, title: str, key: str, unit: str = "") -> dict[str, Any]:
    """The last hour of one figure. `key` makes its ids unique on the page; `unit`: "s" for seconds."""
    line = sparkline([getattr(minute, field) for minute in minutes])
    return {"line": line, "title": title, "key": f"{key}-{field}", "seconds": unit == "s", "w": WIDTH, "h": HEIGHT}
