"""The result of a case as a person wants to read it: danger first, then what it is, then what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from triage.terminal.screen import Row, Screen, hanging, row

URGENCY_STYLES = {"critical": "red", "high": "yellow", "normal": "green", "low": "blue"}
STAGE_MARKS = {"ok": ("✓", "green"), "failed": ("✗", "red"), "skipped": ("–", "dim")}

Body = dict[str, Any]


def show_result(screen: Screen, result: Body) -> None:
    """In the language that is active."""
    screen.gap()
    for flag in result["red_flags"]:
        screen.block(f"⚠ {flag['title']}", flag_rows(flag), "red")
    screen.block(_("Result"), _overview(result), URGENCY_STYLES[result["urgency"]["level"]])
    known = [hanging((f"{one['title']}: ", "dim"), one["text"]) for one in result["understood"]]
    factors = [_with_quotes(one) for one in result["complexity"]["factors"]]
    papers = [hanging(("☐ ", "cyan"), one) for one in result["documents"]]
    steps = [hanging((f"{n}. ", "bold cyan"), one) for n, one in enumerate(result["next_steps"], 1)]
    sections: tuple[tuple[str, Sequence[Row]], ...] = (
        (_("What I understood"), known),
        (_("What makes it harder"), factors),
        (_("Bring these documents"), papers),
        (_("Next steps"), steps),
        (_("How it was found"), _origin(result)),
    )
    for title, rows in sections:
        if rows:
            screen.block(title, rows)


def flag_rows(flag: Body) -> list[Row]:
    numbers = [hanging((f"☎ {line['number']}  ", "bold red"), line["title"]) for line in flag["numbers"]]
    return [row((flag["advice"], "bold")), *numbers]


def level_title(level: str) -> str:
    """Words for levels of complexity and of priority, which the envelope names by id only."""
    titles = {
        "low": _("low"),
        "medium": _("medium"),
        "normal": _("normal"),
        "high": _("high"),
        "critical": _("critical"),
    }
    return titles.get(level, level)


def confidence_words(confidence: float) -> str:
    return f"{confidence:.0%}"


def with_code(category: Body) -> str:
    return f"{category['title']} [{category['code']}]"


def _overview(result: Body) -> list[Row]:
    urgency, complexity = result["urgency"], result["complexity"]
    style = f"bold {URGENCY_STYLES[urgency['level']]}"
    category = result["category"]
    rows: list[Row] = [
        _labelled(_("Category"), (with_code(category), "bold"), (_quotes(category["evidence"]), "dim")),
        _labelled(_("Urgency"), (urgency["title"], style), (f"  {urgency['reason']}", "")),
        _labelled("", (_when(urgency), "")),
        _labelled(_("Complexity"), (complexity["title"], "bold"), (f"  ({complexity['score']:g})", "dim")),
        _labelled(_("Confidence"), (confidence_words(result["confidence"]), "bold")),
    ]
    if result["alternatives"]:
        others = ", ".join(f"{with_code(one)} {one['score']:.0%}" for one in result["alternatives"])
        rows.append(_labelled(_("Or perhaps"), (others, "")))
    if result.get("overridden"):
        titles = {"category": _("Category"), "complexity": _("Complexity"), "urgency": _("Urgency")}
        decided = ", ".join(titles.get(field, field) for field in result["overridden"])
        rows.append(_labelled(_("Set by a person"), (decided, "bold")))
    if result["review"]["needed"]:
        reasons = ", ".join(_reason(one) for one in result["review"]["reasons"])
        rows.append(_labelled(_("To be reviewed"), (reasons, "yellow")))
    return [*rows, row(""), row((f"“{result['summary']}”", "italic"))]


def _labelled(label: str, *pieces: tuple[str, str]) -> Row:
    return hanging((f"{label:<16}", "dim"), *pieces)


def _when(urgency: Body) -> str:
    hours = urgency["hours"]
    if hours >= 48:
        days = hours // 24
        words = ngettext("Act within %(n)d day", "Act within %(n)d days", days) % {"n": days}
    elif hours:
        words = ngettext("Act within %(n)d hour", "Act within %(n)d hours", hours) % {"n": hours}
    else:
        words = _("Act now")
    deadline = parse_date(urgency["deadline"] or "")
    if deadline is None:
        return words
    day = date_format(deadline, "SHORT_DATE_FORMAT")
    return f"{words} · {_('deadline')} {day}"


def _reason(code: str) -> str:
    titles = {
        "red_flag": _("danger"),
        "low_confidence": _("low confidence"),
        "unknown_category": _("category not recognised"),
        "degraded": _("an analyzer could not be asked"),
        "analyzers_disagree": _("the analyzers disagree on the category"),
        "levels_differ": _("the analyzers disagree on the complexity"),
    }
    return titles.get(code, code)


def _with_quotes(factor: Body) -> Row:
    quotes = _quotes(factor["evidence"])
    return hanging(("• ", "cyan"), factor["title"], (f" +{factor['weight']:g}", "bold"), (quotes, "dim"))


def _quotes(evidence: list[Body]) -> str:
    """The person's own words, each once."""
    texts = dict.fromkeys(" ".join(one["text"].split()) for one in evidence if one["text"].strip())
    return "  " + ", ".join(f"“{text}”" for text in texts) if texts else ""


def _origin(result: Body) -> list[Row]:
    rows: list[Row] = []
    for stage in result["stages"]:
        mark, style = STAGE_MARKS.get(stage["status"], ("?", "yellow"))
        note = f"  {stage['note']}" if stage["note"] else ""
        rows.append(hanging((f"{mark} ", style), stage["analyzer"], (f"  {stage['ms']} ms{note}", "dim")))
    return [*rows, row((f"{_('strategy')}: {result['strategy']} ({result['flow_type']})", "dim"))]
