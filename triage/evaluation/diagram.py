"""The reliability diagram as SVG that stands alone, light or dark as its reader's screen is.

Above: for each bin of confidence a column as high as the share that was right, and a line where it should end. Below:
how many cases the bin has, as a column over ten cases says more than one over a single case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from triage.evaluation.metrics import Bin

_LEFT, _TOP, _SIDE = 62, 18, 380
_COUNTS_TOP, _COUNTS = _TOP + _SIDE + 62, 70
_WIDTH, _HEIGHT = _LEFT + _SIDE + 20, _COUNTS_TOP + _COUNTS + 46
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_STYLE = """
.rd { --paper: #ffffff; --ink: #1c2733; --soft: #5b6875; --grid: #dfe4e9; --column: #9cc3e6; --miss: #b4460c; }
@media (prefers-color-scheme: dark) {
  .rd { --paper: #151b22; --ink: #e8edf2; --soft: #a3b0bd; --grid: #2e3843; --column: #2f5f8c; --miss: #ffb37a; }
}
.rd .paper { fill: var(--paper) } .rd text { fill: var(--ink); font: 13px system-ui, sans-serif }
.rd .soft { fill: var(--soft); font-size: 12px } .rd .grid { stroke: var(--grid) }
.rd .ideal { stroke: var(--soft); stroke-dasharray: 5 4; stroke-width: 1.5 }
.rd .column { fill: var(--column) } .rd .should { stroke: var(--miss); stroke-width: 3 }
"""


@dataclass(frozen=True, slots=True)
class Words:
    """What the diagram says, in the reader's language; `column` is filled with confidence, accuracy and n."""

    title: str
    sure: str
    right: str
    cases: str
    ideal: str
    column: str


def diagram(bins: Sequence[Bin], words: Words) -> str:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="rd" role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}">',
        f"<title>{escape(words.title)}</title><style>{_STYLE}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{_HEIGHT}"/>',
        *_axes(words),
        *_columns(bins, words),
        *_counts(bins, words),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(share: float) -> float:
    return round(_LEFT + share * _SIDE, 1)


def _y(share: float) -> float:
    return round(_TOP + (1 - share) * _SIDE, 1)


def _axes(words: Words) -> list[str]:
    parts = []
    for tick in _TICKS:
        parts += [
            f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{_y(tick)}" y2="{_y(tick)}"/>',
            f'<text class="soft" x="{_LEFT - 8}" y="{_y(tick) + 4}" text-anchor="end">{tick:.0%}</text>',
            f'<text class="soft" x="{_x(tick)}" y="{_y(0) + 18}" text-anchor="middle">{tick:.0%}</text>',
        ]
    middle = _y(0.5)
    parts += [
        f'<text x="{_x(0.5)}" y="{_y(0) + 38}" text-anchor="middle">{escape(words.sure)}</text>',
        f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">'
        f"{escape(words.right)}</text>",
    ]
    return parts


def _columns(bins: Sequence[Bin], words: Words) -> list[str]:
    """The orange line stands where the column would end if the confidence were true."""
    parts = []
    for one in bins:
        left, width = _x(one.low) + 1, round((one.high - one.low) * _SIDE - 2, 1)
        told = words.column.format(confidence=f"{one.confidence:.0%}", accuracy=f"{one.accuracy:.0%}", n=one.n)
        parts += [
            f'<rect class="column" x="{left}" y="{_y(one.accuracy)}" width="{width}" '
            f'height="{round(one.accuracy * _SIDE, 1)}"><title>{escape(told)}</title></rect>',
            f'<line class="should" x1="{left}" x2="{round(left + width, 1)}" '
            f'y1="{_y(one.confidence)}" y2="{_y(one.confidence)}"/>',
        ]
    parts.append(f'<line class="ideal" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>')
    parts.append(f'<text class="soft" x="{_x(0.02)}" y="{_y(0.96)}">{escape(words.ideal)}</text>')
    return parts


def _counts(bins: Sequence[Bin], words: Words) -> list[str]:
    most = max((one.n for one in bins), default=1)
    bottom = _COUNTS_TOP + _COUNTS
    parts = [f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{bottom}" y2="{bottom}"/>']
    for one in bins:
        left, width = _x(one.low) + 1, round((one.high - one.low) * _SIDE - 2, 1)
        height = max(1.0, round(_COUNTS * one.n / most, 1))
        middle = round(left + width / 2, 1)
        parts += [
            f'<rect class="column" x="{left}" y="{round(bottom - height, 1)}" width="{width}" height="{height}"/>',
            f'<text class="soft" x="{middle}" y="{bottom + 15}" text-anchor="middle" '
            f'style="font-size: 9px">{one.n}</text>',
        ]
    parts.append(f'<text x="{_x(0.5)}" y="{bottom + 36}" text-anchor="middle">{escape(words.cases)}</text>')
    return parts
