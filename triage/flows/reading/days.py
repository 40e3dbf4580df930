"""Days reckoned from a base day: what "dia 31", "3 de março" and "segunda" mean when said on it.

Days that do not exist are None. An ambiguous day is two days, the last one and the coming one; which is
meant, the slot and the words around decide.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_MONTHS_TO_LOOK = 12
_YEARS_TO_LOOK = 8
"""Every day of the month exists once in any year, 29 February once in any eight."""


class Days(NamedTuple):
    """The day if it lies in the past, and if it lies in the future."""

    past: date
    future: date


def exactly(day: date | None) -> Days | None:
    return Days(day, day) if day else None


def make_day(year: int, month: int, day: int) -> date | None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def full_year(year: int, base: date) -> int:
    """Two digits mean this century up to ten years from now, the last one otherwise."""
    if year >= 100:
        return year
    century = base.year - base.year % 100
    return century + year if century + year <= base.year + 10 else century + year - 100


def shift_months(base: date, months: int) -> date | None:
    """The same day of another month, or that month's last day."""
    year, month = divmod(base.year * 12 + base.month - 1 + months, 12)
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    return date(year, month + 1, min(base.day, calendar.monthrange(year, month + 1)[1]))


def shift_days(base: date, days: int) -> date | None:
    try:
        moved = base + timedelta(days=days)
    except OverflowError:
        return None
    return moved if _FIRST_YEAR <= moved.year <= _LAST_YEAR else None


def month_of_year(month: int, base: date) -> Days | None:
    """ "em março": its first day. The current month is meant by its name, not next year's."""
    if month == base.month:
        return exactly(base.replace(day=1))
    return day_of_year(1, month, base)


def day_of_year(day: int, month: int, base: date) -> Days | None:
    """ "3 de março" without a year; the base day itself counts on both sides."""
    years = range(_YEARS_TO_LOOK + 1)
    return _around(
        base,
        (make_day(base.year - back, month, day) for back in years),
        (make_day(base.year + ahead, month, day) for ahead in years),
    )


def day_of_month(day: int, base: date) -> Days | None:
    """ "dia 15"; in months that have such a day."""
    return _around(
        base,
        (_day_in(shift_months(base.replace(day=1), -back), day) for back in range(_MONTHS_TO_LOOK)),
        (_day_in(shift_months(base.replace(day=1), ahead), day) for ahead in range(_MONTHS_TO_LOOK)),
    )


def day_in_month(day: int, base: date, months: int) -> Days | None:
    """ "dia 15 do mês que vem": months away from the base's month."""
    return exactly(_day_in(shift_months(base.replace(day=1), months), day))


def weekday(number: int, base: date) -> Days | None:
    """Monday is 0. Whoever means today says so: the base day counts on neither side."""
    ahead = (number - base.weekday() - 1) % 7 + 1
    past, future = shift_days(base, ahead - 7 or -7), shift_days(base, ahead)
    return Days(past, future) if past and future else None


def _around(base: date, back: Iterable[date | None], ahead: Iterable[date | None]) -> Days | None:
    past = next((day for day in back if day and day <= base), None)
    future = next((day for day in ahead if day and day >= base), None)
    return Days(past, future) if past and future else None


def _day_in(month: date | None, day: int) -> date | None:
    return make_day(month.year, month.month, day) if month else None
