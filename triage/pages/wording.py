"""States, levels and moments in plain words, in the language that is active."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

HOURS_IN_A_DAY = 24
LONGEST_IN_SECONDS = 90
SAID_IN_HOURS = 48  # up to here hours are clearer than days
SURE, FAIRLY_SURE = 0.75, 0.5


def status_words(status: str) -> str:
    return {
        "interviewing": _("In conversation"),
        "queued": _("Waiting for the analysis"),
        "analysing": _("Being analysed"),
        "completed": _("Ready"),
        "failed": _("The analysis did not work"),
        "cancelled": _("Stopped"),
        "expired": _("Paused: write again and it goes on"),
    }.get(status, status)


def confidence_words(confidence: float) -> str:
    if confidence >= SURE:
        return _("We are fairly sure")
    if confidence >= FAIRLY_SURE:
        return _("It looks like this, but we are not certain")
    return _("We still know little; this may change")


def within_words(hours: int) -> str:
    """How soon somebody should act."""
    if hours < 1:
        return _("now")
    if hours <= SAID_IN_HOURS:
        return ngettext("within %(n)d hour", "within %(n)d hours", hours) % {"n": hours}
    days = hours // HOURS_IN_A_DAY
    return ngettext("within %(n)d day", "within %(n)d days", days) % {"n": days}


def remaining_words(seconds: int) -> str:
    """How long it may still take; rounded up, and not to the second when it is long."""
    if seconds <= LONGEST_IN_SECONDS:
        return ngettext("about %(n)d second more", "about %(n)d seconds more", seconds) % {"n": seconds}
    minutes = -(-seconds // 60)
    return ngettext("about %(n)d minute more", "about %(n)d minutes more", minutes) % {"n": minutes}


def review_words(reason: str) -> str:
    return {
        "red_flag": _("there may be danger, or a deadline that cannot wait"),
        "low_confidence": _("we are not sure enough"),
        "unknown_category": _("the subject could not be told for certain"),
        "degraded": _("a part of the analysis did not work"),
        "analyzers_disagree": _("the subject can be seen in different ways"),
        "levels_differ": _("it is not clear how complicated this is"),
    }.get(reason, reason)


def stage_words(status: str) -> str:
    return {"ok": _("done"), "failed": _("did not work"), "skipped": _("left out")}.get(status, status)


def written_day(day: date) -> str:
    """As the person would write it, never to be misread as month before day."""
    return day.strftime("%d/%m/%Y") if (get_language() or "").startswith("pt") else date_format(day, "j F Y")


def moment(text: str) -> datetime:
    """From the envelope's RFC 3339."""
    return datetime.fromisoformat(text)
