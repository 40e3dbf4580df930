"""What models cost per day, counted in the transaction that keeps their answer: what was paid for is counted once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from triage.board.models import ModelDay
from triage.board.shapes import SpendingFigure

SHOWN = timedelta(days=7)


def count(stages: Iterable[dict[str, Any]]) -> None:
    """Of the stages of one analysis; what cost no tokens is not counted, so most analyses write nothing here."""
    today = timezone.now().date()
    for stage in stages:
        if not stage["tokens"]:
            continue
        row = {"day": today, "analyzer": stage["analyzer"]}
        ModelDay.objects.bulk_create([ModelDay(**row)], ignore_conflicts=True)
        ModelDay.objects.filter(**row).update(
            answers=F("answers") + 1,
            unpriced=F("unpriced") + int(stage["cost"] is None),
            tokens=F("tokens") + stage["tokens"],
            milliseconds=F("milliseconds") + stage["ms"],
            dollars=F("dollars") + (stage["cost"] or 0.0),
        )


def lately() -> list[SpendingFigure]:
    """The last days, newest first; empty where no model is configured."""
    rows = ModelDay.objects.filter(day__gt=timezone.now().date() - SHOWN)
    return [
        SpendingFigure(
            row.day, row.analyzer, row.answers, row.tokens, row.dollars, row.unpriced, row.milliseconds / row.answers
        )
        for row in rows
        if row.answers
    ]
