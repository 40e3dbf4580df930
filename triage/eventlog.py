"""The log: numbered events per case, appended in the caller's transaction, read by anybody who follows.

`seq` is taken from the case's row under its lock, so numbers are contiguous and become visible in order; a
cursor over a global id would skip rows that commit late.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from django.db import connection, transaction
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
    last = _take_numbers(case_id, len(events))
    write(case_id, events, last=last, at=at)
    return last


def write(case_id: str, events: Sequence[Event], *, last: int, at: datetime | None = None) -> None:
    """Write `events` under numbers up to `last`, which the caller's transaction has taken from the case's row."""
    moment = at or timezone.now()
    first = last - len(events) + 1
    CaseEvent.objects.bulk_create(
        CaseEvent(case_id=case_id, seq=seq, type=event.type, data=event.data(), at=moment)
        for seq, event in enumerate(events, start=first)
    )


def _take_numbers(case_id: str, count: int) -> int:
    """The last of them. Raises Case.DoesNotExist."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE triage_case SET last_seq = last_seq + %s WHERE id = %s RETURNING last_seq", [count, case_id]
        )
        row = cursor.fetchone()
    if row is None:
        raise Case.DoesNotExist
    return int(row[0])


def after(case_id: str, seq: int, *, limit: int = PAGE) -> list[Stored]:
    """At most `limit` events that follow `seq` (0: from the first), in order."""
    query = (
        "SELECT case_id, seq, type, at, data FROM triage_caseevent"
        " WHERE case_id = %s AND seq > %s ORDER BY seq LIMIT %s"
    )
    return _read(query, [case_id, seq, limit])


def after_each(positions: Sequence[tuple[str, int]], *, limit: int) -> list[Stored]:
    """At most `limit` events that follow these seqs of these cases: case by case, each case's in order."""
    values = ", ".join(["(%s, %s)"] * len(positions))
    query = (
        f"WITH due (case_id, seq) AS (VALUES {values}) SELECT event.case_id, event.seq, type, at, data"
        " FROM due JOIN triage_caseevent AS event ON event.case_id = due.case_id AND event.seq > due.seq"
        " ORDER BY event.case_id, event.seq LIMIT %s"
    )
    places: list[str | int] = [value for position in positions for value in position]
    return _read(query, [*places, limit])


def _read(query: str, parameters: Sequence[str | int]) -> list[Stored]:
    """In plain SQL: every delivery waits for it."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows = cursor.fetchall()
    return [Stored(case_id, seq, kind, _moment(at), json.loads(data)) for case_id, seq, kind, at, data in rows]


def _moment(at: datetime) -> datetime:
    """SQLite keeps UTC and does not say so; without a zone it would be taken for the installation's own time."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def all_of(case_id: str) -> list[Stored]:
    return after(case_id, 0, limit=1_000_000)


def last_seqs(case_ids: Collection[str]) -> dict[str, int]:
    """Where the log of each case stands; a case that is gone is missing. Plain SQL, for thousands of cases."""
    if not case_ids:
        return {}
    with connection.cursor() as cursor:
        places = ", ".join(["%s"] * len(case_ids))
        cursor.execute(f"SELECT id, last_seq FROM triage_case WHERE id IN ({places})", list(case_ids))
        return dict(cursor.fetchall())


def newest() -> int:
    """A number that moves when some case's log grows; not a cursor, as rows do not commit in its order."""
    return CaseEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
