"""The stream over Server-Sent Events: an async Django view over `stream.follow`."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase

from triage import eventlog
from triage.access import Actor, access_case
from triage.credentials import actor_of_request
from triage.dbthreads import in_db_thread
from triage.errors import TooManyStreams, TriageError, Unavailable
from triage.events import encode
from triage.hub import hub
from triage.problems import problem_response
from triage.projection import fold
from triage.stream import LIFETIME, Standing, follow, standing
from triage.subscription import GoingAway, StreamEnded
from triage.viewers import Viewer

RETRY = (1000, 5000)  # milliseconds that a browser waits before it comes back
RETRY_ELSEWHERE = (1000, 10_000)
UNREADABLE = -1  # a cursor that no log reached: it gets a reset


@dataclass(frozen=True, slots=True)
class _Opened:
    actor: Actor
    standing: Standing
    snapshot: bytes


async def stream(request: HttpRequest, case_id: str, *, with_snapshot: bool = False) -> HttpResponseBase:
    """Every event of a case from the cursor (`Last-Event-ID`, else `?after=`, else the first), then live.

    401, 404 and 429 come as problem details before any byte of stream; 204 when the case is over
    and the cursor has seen all, which tells an EventSource to stop. `with_snapshot`: the predecessor's address, whose
    clients expect the state first, in a frame without a name.
    """
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    try:
        opened = await in_db_thread(_open, request, case_id, with_snapshot)
        hub().check_room(opened.actor)
    except TriageError as error:
        return problem_response(error)
    except DatabaseError:
        return problem_response(Unavailable("The database is busy or away."))
    cursor = _cursor(request)
    if opened.standing.is_over(cursor):
        return HttpResponse(status=204)
    frames = _frames(case_id, cursor, opened)
    response = StreamingHttpResponse(frames, content_type="text/event-stream; charset=utf-8")
    response["Cache-Control"] = "no-store, no-transform"
    response["X-Accel-Buffering"] = "no"
    response["Content-Encoding"] = "identity"  # compression would hold events back
    return response


def _open(request: HttpRequest, case_id: str, with_snapshot: bool) -> _Opened:
    actor = actor_of_request(request)
    access_case(actor, case_id)
    snapshot = b""
    if with_snapshot:
        view = fold(eventlog.all_of(case_id), actor.audience)
        snapshot = f"data: {encode({'case_id': case_id, **view.as_dict()})}\n\n".encode()
    return _Opened(actor, standing(case_id), snapshot)


def _cursor(request: HttpRequest) -> int:
    given = request.headers.get("Last-Event-ID") or request.GET.get("after") or "0"
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else UNREADABLE


async def _frames(case_id: str, cursor: int, opened: _Opened) -> AsyncIterator[bytes]:
    # The request is not referred to from here on, so that session and user go while the stream lives.
    yield b"retry: %d\n\n" % random.randint(*RETRY) + opened.snapshot
    viewer = Viewer(opened.actor, case_id)
    try:
        async for frame in follow(viewer, cursor, lifetime=random.uniform(*LIFETIME)):
            yield frame.sse
    except GoingAway:
        yield b"retry: %d\n\n" % random.randint(*RETRY_ELSEWHERE)  # not all at once
    except (StreamEnded, TooManyStreams, Unavailable):
        return  # it comes back with its cursor, and is told why not if it may not
