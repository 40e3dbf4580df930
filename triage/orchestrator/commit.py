"""How verbs commit: on the version they decided on, or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db.models import F
from django.utils import timezone

from triage import broadcast, eventlog
from triage.errors import CaseBusy
from triage.events import Event
from triage.models import Case

T = TypeVar("T")

TRIES = 60


class Moved(Exception):
    """Somebody else committed on this case since it was read."""


def settle(attempt: Callable[[], T]) -> T:
    """Repeat `attempt` (read, decide, commit) until it commits on what it read. Raises CaseBusy.

    At once, without a pause: a loser that waits would give whoever won the start in the next round too, and
    starve. Each round somebody wins, so rounds are never idle.
    """
    for _ in range(TRIES):
        with contextlib.suppress(Moved):
            return attempt()
    raise CaseBusy


def move(case: Case, events: Sequence[Event], **columns: Any) -> int:
    """Change `case` and append `events`; returns the new last seq. Raises Moved.

    In the caller's transaction. `case` is as it was read when the decision was made, and so are the numbers of its
    events: they are taken under its row's lock, by the statement that checks both.
    """
    seq = case.last_seq + len(events)
    same = Case.objects.filter(pk=case.pk, version=case.version, last_seq=case.last_seq)
    if not same.update(version=F("version") + 1, last_seq=seq, updated_at=timezone.now(), **columns):
        raise Moved(case.pk)
    if events:
        eventlog.write(case.pk, events, last=seq)
        broadcast.case_moved(case.pk, seq)
    return seq


def commit(case: Case, events: Sequence[Event], **columns: Any) -> None:
    """`move`, and show the change on the object that the caller returns."""
    case.last_seq = move(case, events, **columns)
    case.version += 1
    for name, value in columns.items():
        setattr(case, name, value)
