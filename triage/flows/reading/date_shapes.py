"""What a date looks like, whatever the language, and how the parts of one are read.

A shape is a pattern over folded text with named groups, and a reader that turns a match into days. The
groups mean the same in every language: `day`, `month`, `year`, `weekday`, `count`, `unit`, `half`, and the
words that point back or ahead: `back`, `ahead`, `month_back`, `month_ahead`, `this_month`, `year_back`,
`year_ahead`, `this_year`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from triage.flows.reading import days
from triage.flows.reading.days import Days
from triage.flows.reading.numbers import read_words_number, words_pattern

Reader = Callable[[re.Match[str], date], Days | None]

_SPENT_WITHIN = 30


class Shape(NamedTuple):
    """`sure` ones say on their own that a day is meant; "em duas semanas" may as well be a duration.
    `limit`: the time that somebody was given ("tenho 5 dias para responder"), hence always ahead."""

    pattern: re.Pattern[str]
    read: Reader
    approximate: bool = False
    sure: bool = True
    limit: bool = False


@dataclass(frozen=True)
class Names:
    """The names of one language, folded, and how its number words are spelled."""

    language: str
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    units: Mapping[str, tuple[int, int]]
    """Each unit as months and days."""
    articles: Mapping[str, int]
    """Words besides numbers that count: "a week ago", "primeiro de maio"."""

    def number(self, text: str) -> int | None:
        digits = re.match(r"[0-9]+", text)
        if digits:
            return int(digits.group())
        return self.articles.get(text) or read_words_number(text, self.language)


def any_of(words: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


def nothing(_match: re.Match[str], _base: date) -> Days | None:
    """For what only looks like a date: the words are taken, so that no other shape reads a part of them."""
    return None


def numeric(match: re.Match[str], base: date) -> Days | None:
    """Digits; day before month in both languages, as the country writes them."""
    parts = match.groupdict()
    day, month, year = (int(parts[name]) if parts.get(name) else None for name in ("day", "month", "year"))
    if year is None:
        return days.day_of_year(day or 0, month or 0, base)
    return days.exactly(days.make_day(days.full_year(year, base), month or 0, 1 if day is None else day))


def shifted(number: int) -> Reader:
    return lambda _match, base: days.exactly(days.shift_days(base, number))


def month_shifted(number: int) -> Reader:
    return lambda _match, base: days.exactly(days.shift_months(base, number))


def day_and_month(names: Names) -> Reader:
    def read(match: re.Match[str], base: date) -> Days | None:
        day, month = names.number(match["day"]), names.months[match["month"]]
        year = _year(match, base)
        if day is None:
            return None
        if year is not None:
            return days.exactly(days.make_day(year, month, day))
        return _turned(days.day_of_year(day, month, base), match)

    return read


def month_alone(names: Names) -> Reader:
    def read(match: re.Match[str], base: date) -> Days | None:
        month, year = names.months[match["month"]], _year(match, base)
        if year is not None:
            return days.exactly(days.make_day(year, month, 1))
        return _turned(days.month_of_year(month, base), match)

    return read


def day_alone(names: Names) -> Reader:
    def read(match: re.Match[str], base: date) -> Days | None:
        day = names.number(match["day"])
        if day is None:
            return None
        for group, months in (("month_back", -1), ("this_month", 0), ("month_ahead", 1)):
            if _has(match, group):
                return days.day_in_month(day, base, months)
        return _turned(days.day_of_month(day, base), match)

    return read


def weekday(names: Names) -> Reader:
    def read(match: re.Match[str], base: date) -> Days | None:
        return _turned(days.weekday(names.weekdays[match["weekday"]], base), match)

    return read


def counted(names: Names, direction: int) -> Reader:
    """ "há 3 anos" (-1), "in two weeks" (+1)."""
    return lambda match, base: days.exactly(_moved(names, match, base, direction))


def either_way(names: Names) -> Reader:
    """ "5 dias" and no more: ago or from now, as the question wants it."""

    def read(match: re.Match[str], base: date) -> Days | None:
        past, future = (_moved(names, match, base, direction) for direction in (-1, 1))
        return Days(past, future) if past and future else None

    return read


def given(names: Names, spent: re.Pattern[str]) -> Reader:
    """The time somebody was given, unless the words before tell that it was used up ("levou 5 dias para")."""

    def read(match: re.Match[str], base: date) -> Days | None:
        if spent.search(match.string, max(0, match.start() - _SPENT_WITHIN), match.start()):
            return None
        return days.exactly(_moved(names, match, base, 1))

    return read


def _moved(names: Names, match: re.Match[str], base: date, direction: int) -> date | None:
    count = names.number(match["count"])
    if count is None:
        return None
    months, number = next(size for unit, size in names.units.items() if re.fullmatch(unit, match["unit"]))
    half = 1 if _has(match, "half") else 0
    moved = days.shift_months(base, direction * (months * count + half * (months // 2)))
    odd_days = number * count + half * (15 if months == 1 else number // 2)
    return days.shift_days(moved, direction * odd_days) if moved else None


def common(year: str) -> Sequence[Shape]:
    """Dates in digits. `year` is the language's pattern of a year that is no other number."""
    alone, over = r"(?<![\w/.,:-])", r"(?![\w/:-]|[.,][0-9])"
    day, month = r"(?P<day>0?[1-9]|[12][0-9]|3[01])", r"(?P<month>0?[1-9]|1[0-2])"
    fraction = r"(?!\s+(?:d[aeo]s?|of)\b)"
    return (
        Shape(re.compile(rf"{alone}24/7\b"), nothing),
        Shape(re.compile(rf"{alone}(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}}){over}"), numeric),
        Shape(re.compile(rf"{alone}{day}\s?[/-]\s?{month}\s?[/-]\s?(?P<year>[0-9]{{4}}|[0-9]{{2}}){over}"), numeric),
        Shape(re.compile(rf"{alone}{day}\.{month}\.(?P<year>[0-9]{{4}}){over}"), numeric),
        Shape(re.compile(rf"{alone}{month}/{year}{over}"), numeric, approximate=True),
        Shape(re.compile(rf"{alone}(?P<day>[0-3][0-9])/(?P<month>[01][0-9]){over}{fraction}"), numeric),
        Shape(re.compile(rf"(?:\b(?:dia|em|ate|desde|on|by|until|since)\s+){day}/{month}{over}{fraction}"), numeric),
    )


def in_answers(names: Names) -> Sequence[Shape]:
    """Dates that are nothing but the answer to "when?"."""
    month = any_of(names.months)
    count = rf"(?P<count>{words_pattern(names.language)}|[0-9]{{1,4}}|{any_of(names.articles)})"
    about = (
        r"(?:(?:em|uns|umas|sao|e|tenho|faltam|mais|de|cerca|quase|about|around|in|it's|i\s+have|only|just|so)\s+){0,2}"
    )
    unit = rf"(?P<unit>{any_of(names.units)})(?:\s+(?:uteis|corridos))?"
    return (
        Shape(re.compile(rf"\A\W*{about}{count}\s+(?:(?:business|working)\s+)?{unit}\W*\Z"), either_way(names)),
        Shape(re.compile(r"\A\W*(?P<day>[0-9]{1,2})\s?[/.-]\s?(?P<month>[0-9]{1,2})\W*\Z"), numeric),
        Shape(re.compile(rf"\A\W*(?P<month>{month})\W*\Z"), month_alone(names), approximate=True),
        Shape(re.compile(r"\A\W*(?P<year>(?:19|20)[0-9]{2})\W*\Z"), year_alone, approximate=True),
    )


def year_alone(match: re.Match[str], _base: date) -> Days | None:
    return days.exactly(days.make_day(int(match["year"]), 1, 1))


def _year(match: re.Match[str], base: date) -> int | None:
    if _has(match, "year"):
        return days.full_year(int(match["year"]), base)
    for group, years in (("year_back", -1), ("this_year", 0), ("year_ahead", 1)):
        if _has(match, group):
            return base.year + years
    return None


def _turned(found: Days | None, match: re.Match[str]) -> Days | None:
    """One of the two days, if the words say which."""
    if found and _has(match, "back"):
        return days.exactly(found.past)
    if found and _has(match, "ahead"):
        return days.exactly(found.future)
    return found


def _has(match: re.Match[str], group: str) -> bool:
    return match.groupdict().get(group) is not None
