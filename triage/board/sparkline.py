"""A small line of numbers, drawn on the server: what of it needs no words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 120, 28  # of the drawing, in its own units
MARGIN = 2.0


@dataclass(frozen=True, slots=True)
class Sparkline:
    """`lines` are the points of polylines, one for each stretch without a hole. Beside them stand the numbers:
    `last`, the newest that is known, and the `highest` of all."""

    lines: list[str]
    last: float | None
    highest: float | None


def sparkline(values: Sequence[float | None]) -> Sparkline:
    """Oldest first; None where nothing is known. The scale begins at 0, so that a quiet hour looks quiet."""
    known = [value for value in values if value is not None]
    if not known:
        return Sparkline([], None, None)
    top = max([1.0, *known])
    step = (WIDTH - 2 * MARGIN) / max(1, len(values) - 1)
    points = [
        (round(MARGIN + number * step, 1), round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * value / top, 1))
        if value is not None
        else None
        for number, value in enumerate(values)
    ]
    return Sparkline([_joined(stretch) for stretch in _stretches(points)], known[-1], max(known))


def _stretches(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    found: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is not None:
            found[-1].append(point)
        elif found[-1]:
            found.append([])
    return [stretch for stretch in found if stretch]


def _joined(stretch: Sequence[tuple[float, float]]) -> str:
    """A single point is drawn as a short line, or nobody would see it."""
    shown = stretch if len(stretch) > 1 else [(stretch[0][0] - 1, stretch[0][1]), (stretch[0][0] + 1, stretch[0][1])]
    return " ".join(f"{x:g},{y:g}" for x, y in shown)
