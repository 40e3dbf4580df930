"""The last hour as a small line: holes stay holes, the scale begins at nothing, one value alone is seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from triage.board.sparkline import HEIGHT, WIDTH, sparkline


def test_nothing_known_is_nothing_drawn() -> None:
    for values in ([], [None, None]):
        line = sparkline(values)
        assert (line.lines, line.last, line.highest) == ([], None, None)


def test_a_hole_parts_the_line() -> None:
    line = sparkline([1.0, 2.0, None, 4.0, None])
    assert len(line.lines) == 2
    assert (line.last, line.highest) == (4.0, 4.0)
    assert len(line.lines[1].split()) == 2  # one value alone, as a short line


def test_a_quiet_hour_lies_on_the_ground() -> None:
    (points,) = sparkline([0.0] * 60).lines
    assert {point.split(",")[1] for point in points.split()} == {f"{HEIGHT - 2}"}


@given(st.lists(st.none() | st.floats(0, 1e9), max_size=70))
def test_it_stays_within_its_frame(values: list[float | None]) -> None:
    for points in sparkline(values).lines:
        for point in points.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT
