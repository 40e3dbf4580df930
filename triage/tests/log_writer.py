"""Events straight into a case's log, with and without the hint that tells of them."""

from __future__ import annotations

from itertools import count as counting

from django.db import transaction

from triage import broadcast, eventlog
from triage.events import TriageUpdate

_numbers = counting(1)


def write(case_id: str, count: int = 1, *, hinted: bool = True, padding: int = 0) -> int:
    """Append `count` events, each with words of its own and `padding` bytes; returns the case's last seq.

    Not hinted: as a process that ended between its commit and its hint.
    """
    words = (f"step {next(_numbers)}{' ' * bool(padding)}{'x' * padding}" for _ in range(count))
    events = [TriageUpdate(message=text, progress=50, stage="analysis") for text in words]
    with transaction.atomic():
        last = eventlog.append(case_id, events)
        if hinted:
            broadcast.case_moved(case_id, last)
    return last


def seqs_in_log(case_id: str) -> list[int]:
    return [event.seq for event in eventlog.all_of(case_id)]
