"""One stream's end of the hub: frames, a bounded queue, and the reasons for which a stream is let go.

StreamEnded
├── SlowClient      it read more slowly than events came; it may resume from its cursor
├── AccessRevoked   the viewer may not watch this case any more
├── LifetimeOver    it lived as long as a stream may; it resumes from its cursor
└── GoingAway       this process is about to end; another one continues behind the cursor
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from triage.events import Audience, Stored, encode, envelope, sse_frame
from triage.viewers import Viewer

ENDING = frozenset({"triage_completed", "triage_cancelled", "triage_expired"})
QUEUE_EVENTS = 256
QUEUE_BYTES = 1 << 20


class StreamEnded(Exception):
    """Base: the stream is let go before its case is over."""


class SlowClient(StreamEnded):
    pass


class AccessRevoked(StreamEnded):
    pass


class LifetimeOver(StreamEnded):
    pass


class GoingAway(StreamEnded):
    pass


@dataclass(frozen=True, slots=True)
class Frame:
    """An event as it goes over the wire; `seq` None: not stored, no id.

    `is_passing`: worth something only now, so it is the first to go when a client reads slowly. `is_last`: perhaps
    nothing comes after it.
    """

    seq: int | None
    type: str
    json: str
    sse: bytes
    is_passing: bool = False
    is_last: bool = False


HEARTBEAT_FRAME = Frame(None, "heartbeat", "", b": heartbeat\n\n", is_passing=True)


def frame_of(event: Stored, audience: Audience) -> Frame:
    body = encode(envelope(event, audience))
    return Frame(event.seq, event.type, body, sse_frame(event.seq, event.type, body), is_last=event.type in ENDING)


def unstored(type_: str, *, is_passing: bool = False, **fields: object) -> Frame:
    """A frame without an id: a client's cursor does not move over it."""
    body = encode({"type": type_, **fields})
    return Frame(None, type_, body, f"event: {type_}\ndata: {body}\n\n".encode(), is_passing)


CHANGED = unstored("changed", is_passing=True)


@dataclass(eq=False, slots=True)
class Outlet:
    """The connection behind a stream, where its server lets us at it.

    `take` sends a chunk at once, without waking the stream's task, or says that it cannot.
    """

    take: Callable[[bytes], bool] | None = None


@dataclass(eq=False, slots=True)
class Subscription:
    """One stream's queue. A stream that lets it run full is let go and gets nothing more.

    `beats_at`, `ends_at`: when its next heartbeat is due and its lifetime over, by the event loop's clock.
    `checked_at`: when its viewer was known to have the right.
    `cursor`: the last seq that was sent, true while the stream waits for more.
    """

    viewer: Viewer
    outlet: Outlet
    beats_at: float
    ends_at: float
    checked_at: float
    audience: Audience = field(init=False)
    cursor: int = 0
    ended: type[StreamEnded] | None = None
    dropped: int = 0
    _frames: list[Frame] = field(default_factory=list)
    _size: int = 0
    _waiter: asyncio.Future[None] | None = None

    def __post_init__(self) -> None:
        self.audience = self.viewer.actor.audience

    def push(self, frame: Frame) -> int:
        """Returns how many frames wait now."""
        if self.ended is not None or self._is_sent_at_once(frame):
            return 0
        if not self._is_full(frame) or self._has_made_room(frame):
            self._frames.append(frame)
            self._size += len(frame.sse)
            self._wake()
        return len(self._frames)

    def _is_sent_at_once(self, frame: Frame) -> bool:
        """Most frames: the stream waits for exactly this one, and the connection takes it."""
        take, seq = self.outlet.take, frame.seq
        if take is None or self._waiter is None or self._frames or frame.is_last:
            return False
        if seq is not None and seq != self.cursor + 1:
            return False
        if not take(frame.sse):
            return False
        self.cursor = seq or self.cursor
        return True

    def _is_full(self, frame: Frame) -> bool:
        return len(self._frames) >= QUEUE_EVENTS or self._size + len(frame.sse) > QUEUE_BYTES

    def _has_made_room(self, frame: Frame) -> bool:
        """Passing frames go first, then the stream itself."""
        kept = [one for one in self._frames if not one.is_passing]
        self.dropped += len(self._frames) - len(kept) + frame.is_passing
        self._frames, self._size = kept, sum(len(one.sse) for one in kept)
        if frame.is_passing:
            return False
        if self._is_full(frame):
            self.end(SlowClient)
        return self.ended is None

    def end(self, why: type[StreamEnded]) -> None:
        """The first reason counts."""
        self.ended = self.ended or why
        self._frames.clear()
        self._wake()

    def check(self) -> None:
        """Raises StreamEnded when the stream was let go."""
        if self.ended is not None:
            raise self.ended

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def next(self, cursor: int = 0) -> list[Frame]:
        """The frames that have come, at least one; `cursor` may have moved on meanwhile. Raises StreamEnded."""
        self.cursor = cursor
        if not self._frames and self.ended is None:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        self.check()
        taken, self._frames, self._size = self._frames, [], 0
        return taken
