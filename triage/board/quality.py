"""How often staff decide otherwise, and what has drifted: thirty days beside the thirty before, in four queries.

A case counts in the month in which it was completed, a category by what the analysis found.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case as Match
from django.db.models import Count, Q, QuerySet, Value, When
from django.utils import timezone

from triage.models import Case, Correction

DAYS = 30
NOTABLE = 3.0  # standard errors: among twenty figures, chance alone brings one in some twenty looks
LEAST = 20  # cases of a month below which nothing is called notable

FIELDS: tuple[str, ...] = tuple(Correction.Field.values)
Cell = tuple[bool, str, str]  # whether it is of the last month; flow; category


@dataclass(frozen=True, slots=True)
class Month:
    """`agreement`: the share of cases whose field stands as it was found; nobody corrected it, which is not the same as
    somebody having looked. Rates are None without a case."""

    cases: int
    overridden: int
    override_rate: float | None
    agreement: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class CategoryMonth:
    """`share` of the flow's cases of the month; `overridden`: to another category."""

    cases: int
    share: float | None
    overridden: int
    override_rate: float | None


@dataclass(frozen=True, slots=True)
class CategoryFigure:
    """`drift` and `override_drift`: by how much share and rate moved; `is_notable`: one of them by more than chance."""

    flow: str
    category: str
    recent: CategoryMonth
    before: CategoryMonth
    drift: float | None
    override_drift: float | None
    is_notable: bool


@dataclass(frozen=True, slots=True)
class Quality:
    """`waiting`: corrections that nobody has approved or rejected. Categories by size, the largest first."""

    at: datetime
    days: int
    recent: Month
    before: Month
    categories: list[CategoryFigure]
    waiting: int


def quality() -> Quality:
    now = timezone.now()
    shown, moved = _shown_cases(now), _moved(now)
    touched = dict(_standing(now).values_list(_correction_is_recent(now)).annotate(Count("case", distinct=True)))
    months = {recent: _month(recent, shown, moved, touched.get(recent, 0)) for recent in (True, False)}
    return Quality(
        at=now,
        days=DAYS,
        recent=months[True],
        before=months[False],
        categories=_categories(shown, moved),
        waiting=Correction.objects.filter(status=Correction.Status.PROPOSED).count(),
    )


def _is_recent(now: datetime, path: str) -> Match:
    recent = When(**{f"{path}__gte": now - timedelta(days=DAYS)}, then=Value(True))
    return Match(recent, default=Value(False))


def _shown_cases(now: datetime) -> Counter[Cell]:
    """By the category that is shown."""
    cases = Case.objects.filter(completed_at__gte=now - timedelta(days=2 * DAYS), completed_at__lte=now)
    rows = cases.annotate(is_recent=_is_recent(now, "completed_at")).order_by()
    counted = rows.values_list("is_recent", "flow__flow", "category").annotate(Count("pk"))
    return Counter({(recent, flow, category): count for recent, flow, category, count in counted})


def _correction_is_recent(now: datetime) -> Match:
    return _is_recent(now, "case__completed_at")


def _standing(now: datetime) -> QuerySet[Correction]:
    in_time = Q(case__completed_at__gte=now - timedelta(days=2 * DAYS), case__completed_at__lte=now)
    return Correction.objects.filter(in_time).exclude(status=Correction.Status.WITHDRAWN).order_by()


def _moved(now: datetime) -> Counter[tuple[bool, str, str, str, str]]:
    """Month, flow, field, from what, to what."""
    columns = (_correction_is_recent(now), "flow__flow", "field", "old", "new")
    counted = _standing(now).values_list(*columns).annotate(Count("pk"))
    return Counter({(recent, flow, name, old, new): count for recent, flow, name, old, new, count in counted})


def _month(
    recent: bool, shown: Counter[Cell], moved: Counter[tuple[bool, str, str, str, str]], overridden: int
) -> Month:
    cases = sum(count for (month, *_), count in shown.items() if month == recent)
    otherwise = {
        name: sum(count for (month, _flow, field, *_), count in moved.items() if (month, field) == (recent, name))
        for name in FIELDS
    }
    agreement = {name: None if (rate := _rate(count, cases)) is None else 1 - rate for name, count in otherwise.items()}
    return Month(cases, overridden, _rate(overridden, cases), agreement)


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _categories(shown: Counter[Cell], moved: Counter[tuple[bool, str, str, str, str]]) -> list[CategoryFigure]:
    found, left = Counter(shown), Counter[Cell]()
    for (recent, flow, name, old, new), count in moved.items():
        if name == Correction.Field.CATEGORY:
            found[recent, flow, new] -= count
            found[recent, flow, old] += count
            left[recent, flow, old] += count
    wholes = Counter[tuple[bool, str]]()
    for (recent, flow, _category), count in found.items():
        wholes[recent, flow] += count
    keys = {(flow, category) for (_recent, flow, category), count in found.items() if category and count}
    figures = [_figure(key, found, left, wholes) for key in keys]
    return sorted(figures, key=lambda one: (-one.recent.cases, -one.before.cases, one.flow, one.category))


def _figure(
    key: tuple[str, str], found: Counter[Cell], left: Counter[Cell], wholes: Counter[tuple[bool, str]]
) -> CategoryFigure:
    flow, category = key
    recent, before = (
        CategoryMonth(
            cases=(cases := found[month, flow, category]),
            share=_rate(cases, wholes[month, flow]),
            overridden=(overridden := left[month, flow, category]),
            override_rate=_rate(overridden, cases),
        )
        for month in (True, False)
    )
    shares = _is_more_than_chance(recent.cases, wholes[True, flow], before.cases, wholes[False, flow])
    rates = _is_more_than_chance(recent.overridden, recent.cases, before.overridden, before.cases)
    return CategoryFigure(
        flow=flow,
        category=category,
        recent=recent,
        before=before,
        drift=_difference(recent.share, before.share),
        override_drift=_difference(recent.override_rate, before.override_rate),
        is_notable=shares or rates,
    )


def _difference(now: float | None, then: float | None) -> float | None:
    return None if now is None or then is None else now - then


def _is_more_than_chance(part: int, whole: int, part_before: int, whole_before: int) -> bool:
    """Two shares compared by their pooled standard error."""
    if min(whole, whole_before) < LEAST:
        return False
    pooled = (part + part_before) / (whole + whole_before)
    error = math.sqrt(pooled * (1 - pooled) * (1 / whole + 1 / whole_before))
    return error > 0 and abs(part / whole - part_before / whole_before) >= NOTABLE * error
