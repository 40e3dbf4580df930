"""The report as one HTML file that needs nothing else, and its diagram as a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from triage.evaluation import wording
from triage.evaluation.diagram import Words, diagram
from triage.evaluation.figures import Approached, Figures, Report

MOST_SHOWN = 20


def page(report: Report) -> str:
    """In the language that is active."""
    return render_to_string(
        "evaluation/report.html",
        {
            "report": report,
            "approaches": [_approached(one, len(report.approaches) > 1) for one in report.approaches],
            "alarms": wording.alarm_rows(report.alarms) if report.alarms else [],
            "levels": wording.level_rows(report.levels, report.costs),
            "shown": MOST_SHOWN,
        },
    )


def picture(figures: Figures) -> str:
    """SVG whose words are escaped."""
    return diagram(
        figures.bins,
        Words(
            title=_("Reliability: how often it is right, by how sure it says it is"),
            sure=_("It says it is so sure"),
            right=_("It is right so often"),
            cases=_("Cases"),
            ideal=_("dashed: as sure as right"),
            column=_("says {confidence}, right {accuracy}, {n} cases"),
        ),
    )


def _approached(approached: Approached, is_named: bool) -> dict[str, Any]:
    names = {
        "rules": _("Rules alone"),
        "semantic": _("Learnt from examples"),
        "joined": _("Learnt, with the rules"),
    }
    return {
        "name": names.get(approached.name, approached.name) if is_named else "",
        "parts": [_part(figures, calibrated=approached.calibrated) for figures in approached.parts],
    }


def _part(figures: Figures, *, calibrated: bool) -> dict[str, Any]:
    weakest = sorted((one for one in figures.per_category if one.n), key=lambda one: one.f1)
    return {
        "title": wording.part_title(figures),
        "counts": wording.part_counts(figures),
        "rows": wording.rows(figures, calibrated=calibrated),
        "diagram": mark_safe(picture(figures)),
        "confusions": figures.confusions[:MOST_SHOWN],
        "categories": [
            (one.label, one.n, wording.percent(one.precision), wording.percent(one.recall), wording.percent(one.f1))
            for one in weakest
        ],
    }


def summary_figures(approaches: Sequence[Approached]) -> Figures:
    """Those whose diagram stands for the report: the last approach's, the way it was measured first after teaching."""
    parts = approaches[-1].parts
    return next((part for part in parts if part.kind != "own_cases"), parts[0])
