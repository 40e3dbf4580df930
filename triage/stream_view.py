"""The streams over Server-Sent Events: async Django views over `stream.batches` and `stream.board`."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from django.db import Error
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from triage import eventlog
from triage.access import Actor, watched_case
from triage.credentials import actor_of_request, staff_of_request
from triage.dbthreads import in_entry_thread
from triage.errors import TooManyStreams, Unavailable
from triage.events import encode
from triage.hub import hub
from triage.problems import refusals_are_problems
from triage.projection import fold
from triage.stream import LIFETIME, Standing, batches, board
from triage.subscription import Frame, GoingAway, Outlet, StreamEnded
from triage.viewers import BOARD, Viewer

RETRY = (1000, 5000)  # milliseconds that a browser waits before it comes back
RETRY_ELSEWHERE = (1000, 10_000)
UNREADABLE = -1  # a cursor that no log reached: it gets a reset


class EventStream(StreamingHttpResponse):
    """Iterated as it is: Django would wrap the chunks twice. Who sends it may offer its connection as the outlet."""

    def __init__(self, chunks: AsyncGenerator[bytes, None], outlet: Outlet) -> None:
        super().__init__(chunks, content_type="text/event-stream; charset=utf-8")
        self.chunks, self.outlet = chunks, outlet
        self["Cache-Control"] = "no-store, no-transform"
        self["X-Accel-Buffering"] = "no"
        self["Content-Encoding"] = "identity"  # compression would hold events back

    def __aiter__(self) -> AsyncGenerator[bytes, None]:
        return self.chunks


@refusals_are_problems
async def stream(request: HttpRequest, case_id: str, with_snapshot: bool = False) -> HttpResponseBase:
    """Every event of a case from the cursor (`Last-Event-ID`, else `?after=`, else the first), then live.

    204 when the case is over and the cursor has seen all, which tells an EventSource to stop. `with_snapshot`: the
    predecessor's address, whose clients expect the state first, in a frame without a name.
    """
    opened = await in_entry_thread(_open, request, case_id, with_snapshot)
    hub().check_room(opened.actor)
    cursor = _cursor(request)
    if opened.standing.is_over(cursor):
        return HttpResponse(status=204)
    outlet = Outlet()
    frames = batches(Viewer(opened.actor, case_id), cursor, lifetime=random.uniform(*LIFETIME), outlet=outlet)
    return EventStream(_chunks(frames, opened.snapshot), outlet)


@refusals_are_problems
async def board_stream(request: HttpRequest) -> HttpResponseBase:
    """For staff who see all cases: `changed` whenever something moved. No cursor; a page reads itself anew."""
    actor = await in_entry_thread(staff_of_request, request)
    hub().check_room(actor)
    return EventStream(_chunks(board(Viewer(actor, BOARD), lifetime=random.uniform(*LIFETIME))), Outlet())


@dataclass(frozen=True, slots=True)
class _Opened:
    actor: Actor
    standing: Standing
    snapshot: bytes


def _open(request: HttpRequest, case_id: str, with_snapshot: bool) -> _Opened:
    actor = actor_of_request(request)
    stands = Standing(*watched_case(actor, case_id))
    snapshot = b""
    if with_snapshot:
        view = fold(eventlog.all_of(case_id), actor.audience)
        snapshot = f"data: {encode({'case_id': case_id, **view.as_dict()})}\n\n".encode()
    return _Opened(actor, stands, snapshot)


def _cursor(request: HttpRequest) -> int:
    given = request.headers.get("Last-Event-ID") or request.GET.get("after") or "0"
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else UNREADABLE


async def _chunks(frames: AsyncGenerator[list[Frame], None], snapshot: bytes = b"") -> AsyncGenerator[bytes, None]:
    """A chunk for all that came at once. Nothing here refers to the request: session and user go while it lives."""
    yield b"retry: %d\n\n" % random.randint(*RETRY) + snapshot
    try:
        async for batch in frames:
            yield batch[0].sse if len(batch) == 1 else b"".join([frame.sse for frame in batch])
    except GoingAway:
        yield b"retry: %d\n\n" % random.randint(*RETRY_ELSEWHERE)  # not all at once
    except (StreamEnded, TooManyStreams, Unavailable, Error):
        return  # it comes back with its cursor, and is told why not if it may not
    finally:
        await frames.aclose()
