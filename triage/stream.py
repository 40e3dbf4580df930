"""Following a case: every event after a cursor, once and in order, whatever the transport.

Join the hub, read the log after the cursor, then live. Live frames that the log already gave are skipped; a
hole is filled from the log. Nothing here depends on a hint arriving.
"""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from django.db import connection

from triage import eventlog
from triage.dbthreads import in_db_thread
from triage.events import Stored
from triage.hub import hub
from triage.models import Case
from triage.projection import TERMINAL
from triage.subscription import CHANGED, AccessRevoked, Frame, LifetimeOver, Outlet, Subscription, frame_of, unstored
from triage.viewers import Viewer

LIFETIME = (240.0, 360.0)  # seconds, after which a response closes to be resumed
BATCH = 64  # frames that are sent as one; whoever loses their right meanwhile gets no more than these
SEND_PATIENCE = 10.0  # seconds that a client may take to accept one frame


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands, read in one query."""

    last_seq: int
    state: str

    def is_over(self, cursor: int) -> bool:
        """Nothing more will come after `cursor`."""
        return self.state in TERMINAL and cursor == self.last_seq


def standing(case_id: str) -> Standing:
    """Raises Case.DoesNotExist."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_seq, state FROM triage_case WHERE id = %s", [case_id])
        row = cursor.fetchone()
    if row is None:
        raise Case.DoesNotExist
    return Standing(*row)


async def follow(viewer: Viewer, after: int, *, lifetime: float = math.inf) -> AsyncGenerator[Frame, None]:
    """The frames of `batches`, one by one."""
    async with aclosing(batches(viewer, after, lifetime=lifetime, most=1)) as all_batches:
        async for batch in all_batches:
            for frame in batch:
                yield frame


async def batches(
    viewer: Viewer, after: int, *, lifetime: float = math.inf, outlet: Outlet | None = None, most: int = BATCH
) -> AsyncGenerator[list[Frame], None]:
    """Frames after cursor `after` (0: from the first event), with heartbeats, until the case is over.

    At most `most` at once; those that `outlet` takes are not among them. Ends after `stream_end`, or silently after
    `lifetime` seconds. A cursor that the log never reached gets `stream_reset` and then everything. Raises
    TooManyStreams, Unavailable, StreamEnded.
    """
    subscription = hub().join(viewer, lifetime, outlet or Outlet())
    try:
        async for frames in _following(subscription, after):
            for start in range(0, len(frames), most):
                subscription.check()
                yield frames[start : start + most] if len(frames) > most else frames
    except LifetimeOver:
        return
    except Case.DoesNotExist as error:
        raise AccessRevoked from error  # erased meanwhile
    finally:
        await hub().leave(subscription)


async def _following(subscription: Subscription, after: int) -> AsyncGenerator[list[Frame], None]:
    case_id, audience = subscription.viewer.case_id, subscription.viewer.actor.audience
    stands, cursor, page = await in_db_thread(_begin, case_id, after)
    until = hub().topics.place(case_id, stands.last_seq)
    if cursor != after:
        hub().counts.resets += 1
        yield [unstored("stream_reset", case_id=case_id, reason="unknown_cursor", seq=cursor)]
    is_ending = stands.state in TERMINAL
    while page or cursor < until:
        if page:
            frames = [frame_of(event, audience) for event in page]
            is_ending = is_ending or any(frame.is_last for frame in frames)
            yield frames
            cursor = page[-1].seq
        is_whole = len(page) < eventlog.PAGE and cursor >= until
        page = [] if is_whole else await in_db_thread(eventlog.after, case_id, cursor)
        until = until if page else cursor
    while True:
        if is_ending:
            stands = await in_db_thread(standing, case_id)
            if stands.is_over(cursor):
                break
            is_ending = stands.state in TERMINAL
        frames = await subscription.next(cursor)
        cursor = subscription.cursor
        due, cursor = _in_order(frames, cursor) or await _with_hole_filled(frames, cursor, subscription.viewer)
        is_ending = is_ending or any(frame.is_last for frame in due)
        if due:
            yield due
    yield [unstored("stream_end", case_id=case_id, seq=cursor)]


async def board(viewer: Viewer, *, lifetime: float = math.inf) -> AsyncGenerator[list[Frame], None]:
    """`changed` at once and whenever any case moved, at most once a second. Raises as `batches` does."""
    subscription = hub().join(viewer, lifetime, Outlet())
    try:
        yield [CHANGED]  # whatever moved since the page was made
        while True:
            yield await subscription.next()
    except LifetimeOver:
        return
    finally:
        await hub().leave(subscription)


def _begin(case_id: str, after: int) -> tuple[Standing, int, list[Stored]]:
    """Where the case stands, the cursor that can be honoured, and what comes behind it."""
    stands = standing(case_id)
    cursor = after if 0 <= after <= stands.last_seq else 0
    return stands, cursor, eventlog.after(case_id, cursor) if cursor < stands.last_seq else []


def _in_order(frames: list[Frame], cursor: int) -> tuple[list[Frame], int] | None:
    """Without what was seen, and the new cursor; None when something is missing in between."""
    due = []
    for frame in frames:
        if frame.seq is not None:
            if frame.seq <= cursor:
                continue
            if frame.seq > cursor + 1:
                return None
            cursor = frame.seq
        due.append(frame)
    return due, cursor


async def _with_hole_filled(frames: list[Frame], cursor: int, viewer: Viewer) -> tuple[list[Frame], int]:
    """All that the log has up to the last of these frames."""
    last = max(frame.seq for frame in frames if frame.seq is not None)
    events = await in_db_thread(eventlog.after, viewer.case_id, cursor, limit=last - cursor)
    return [frame_of(event, viewer.actor.audience) for event in events], events[-1].seq if events else cursor
