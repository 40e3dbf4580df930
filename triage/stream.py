"""Following a case: every event after a cursor, once and in order, whatever the transport.

Subscribe, read the log after the cursor, then live. Live frames that the log already gave are skipped; a
hole is filled from the log. Nothing here depends on a hint arriving.
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from triage import eventlog
from triage.dbthreads import in_db_thread
from triage.events import Audience
from triage.hub import hub
from triage.models import Case
from triage.projection import TERMINAL
from triage.subscription import Frame, frame_of, unstored
from triage.viewers import Viewer

HEARTBEAT = (12.0, 18.0)  # seconds
LIFETIME = (240.0, 360.0)  # seconds, after which a response closes to be resumed
SEND_PATIENCE = 10.0  # seconds that a client may take to accept one frame
ENDING = frozenset({"triage_completed", "triage_cancelled", "triage_expired"})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands, read in one query."""

    last_seq: int
    state: str

    def is_over(self, cursor: int) -> bool:
        """Nothing more will come after `cursor`."""
        return self.state in TERMINAL and cursor == self.last_seq


def standing(case_id: str) -> Standing:
    return Standing(*Case.objects.values_list("last_seq", "state").get(pk=case_id))


HEARTBEAT_FRAME = Frame(None, "heartbeat", "", b": heartbeat\n\n")


async def follow(viewer: Viewer, after: int, *, lifetime: float | None = None) -> AsyncGenerator[Frame, None]:
    """Frames after cursor `after` (0: from the first event), with heartbeats, until the case is over.

    Ends after `stream_end`, or silently after `lifetime` seconds. A cursor that the log never reached gets
    `stream_reset` and then everything. Raises TooManyStreams, Unavailable, StreamEnded.
    """
    case_id, audience = viewer.case_id, viewer.actor.audience
    ends = time.monotonic() + (lifetime or float("inf"))
    async with hub().subscribed(viewer) as subscription:
        stands = await in_db_thread(standing, case_id)
        cursor = after
        if not 0 <= cursor <= stands.last_seq:
            hub().counts.resets += 1
            yield unstored("stream_reset", case_id=case_id, reason="unknown_cursor", seq=0)
            cursor = 0
        async for frame in _from_log(case_id, cursor, audience):
            yield frame
            cursor = frame.seq or cursor
        check = True  # whether the case may be over
        while time.monotonic() < ends:
            if check and (await in_db_thread(standing, case_id)).is_over(cursor):
                yield unstored("stream_end", case_id=case_id, seq=cursor)
                return
            frames = await subscription.next(min(random.uniform(*HEARTBEAT), ends - time.monotonic()))
            if not frames:
                yield HEARTBEAT_FRAME
            check = False
            for frame in frames:
                async for due in _without_hole(case_id, cursor, frame, audience):
                    yield due
                    cursor = due.seq or cursor
                    check = check or due.type in ENDING


async def _without_hole(case_id: str, cursor: int, frame: Frame, audience: Audience) -> AsyncGenerator[Frame, None]:
    """`frame` if it is the next one, nothing if it was seen, what the log says if some are missing before it."""
    if frame.seq is None or frame.seq == cursor + 1:
        yield frame
    elif frame.seq > cursor:
        async for due in _from_log(case_id, cursor, audience):
            yield due


async def _from_log(case_id: str, cursor: int, audience: Audience) -> AsyncGenerator[Frame, None]:
    """All that the log has after `cursor`, a page at a time."""
    while True:
        page = await in_db_thread(eventlog.after, case_id, cursor)
        for event in page:
            yield frame_of(event, audience)
            cursor = event.seq
        if len(page) < eventlog.PAGE:
            return
