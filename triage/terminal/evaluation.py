"""An evaluation on the terminal: the figures of all approaches side by side."""

from __future__ import annotations

from collections.abc import Sequence

from triage.evaluation import wording
from triage.evaluation.figures import Approached, Report
from triage.terminal.screen import Row, Screen, row


def show(screen: Screen, report: Report) -> None:
    for doubt in report.warnings:
        screen.line(("! ", "yellow"), doubt)
    for place, figures in enumerate(report.approaches[-1].parts):
        title = wording.part_title(figures)
        screen.block(title, [row((wording.part_counts(figures), "dim")), *_table(report.approaches, place)])
    if report.alarms is not None:
        lines = _lines([(one.name, [one.value]) for one in wording.alarm_rows(report.alarms)])
        missed = [row(("  missed ", "red"), f"{one.flag}: {one.text}") for one in report.alarms.missed]
        false = [row(("  false ", "yellow"), one.text) for one in report.alarms.false]
        screen.block("Red flags", [*lines, *missed, *false], style="red")
    if report.levels:
        rows = wording.level_rows(report.levels, report.costs)
        screen.block("Levels", _lines([(one.name, [one.value]) for one in rows]))


def _table(approaches: Sequence[Approached], place: int) -> list[Row]:
    """One line for each figure that any approach has."""
    columns = [{one.key: one for one in wording.rows(a.parts[place], calibrated=a.calibrated)} for a in approaches]
    names = {key: one.name for column in columns for key, one in column.items()}
    lines = [(name, [column[key].value if key in column else "–" for column in columns]) for key, name in names.items()]
    heading = [("", [approach.name for approach in approaches])] if len(approaches) > 1 else []
    return _lines([*heading, *lines])


def _lines(table: Sequence[tuple[str, list[str]]]) -> list[Row]:
    widths = [
        max(len(name) for name, _ in table),
        *(max(map(len, c)) for c in zip(*(v for _, v in table), strict=True)),
    ]
    return [
        row("  ".join(cell.ljust(width) for cell, width in zip((name, *values), widths, strict=True)).rstrip())
        for name, values in table
    ]
