"""The log: numbered events per case, appended in the caller's transaction, read by anybody who follows.

`seq` is taken from the case's row under its lock, so numbers are contiguous and become visible in order; a
cursor over a global id would skip rows that commit late.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from triage.events import Event, Stored
from triage.models import Case, CaseEvent

PAGE = 300


def append(case_id: str, events: Sequence[Event], *, at: datetime | None = None) -> int:
    """Number and write `events`; returns the case's new last seq.

    Must run inside the transaction that makes the events true.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("events are appended in the transaction that makes them true")
    Case.objects.filter(pk=case_id).update(last_seq=F("last_seq") + len(events))
    last = Case.objects.values_list("last_seq", flat=True).get(pk=case_id)
    moment = at or timezone.now()
    first = last - len(events) + 1
    CaseEvent.objects.bulk_create(
        CaseEvent(case_id=case_id, seq=seq, type=event.type, data=event.data(), at=moment)
        for seq, event in enumerate(events, start=first)
    )
    return int(last)


def after(case_id: str, seq: int, *, limit: int = PAGE) -> list[Stored]:
    """At most `limit` events that follow `seq` (0: from the first), in order."""
    rows = CaseEvent.objects.filter(case_id=case_id, seq__gt=seq).order_by("seq")[:limit]
    return [Stored(row.case_id, row.seq, row.type, row.at, row.data) for row in rows.iterator()]


def all_of(case_id: str) -> list[Stored]:
    return after(case_id, 0, limit=1_000_000)


def last_seqs(case_ids: Iterable[str]) -> dict[str, int]:
    """Where the log of each case stands; a case that is gone is missing."""
    return dict(Case.objects.filter(pk__in=list(case_ids)).values_list("pk", "last_seq"))
