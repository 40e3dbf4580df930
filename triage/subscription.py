"""One stream's end of the hub: frames, a bounded queue, and the reasons for which a stream is let go.

StreamEnded
├── SlowClient      it read more slowly than events came; it may resume from its cursor
├── AccessRevoked   the viewer may not watch this case any more
└── GoingAway       this process is about to end; another one continues behind the cursor
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from triage.events import Audience, Stored, encode, envelope, sse_frame
from triage.viewers import Viewer

QUEUE_EVENTS = 256
QUEUE_BYTES = 1 << 20


class StreamEnded(Exception):
    """Base: the stream is let go before its case is over."""


class SlowClient(StreamEnded):
    pass


class AccessRevoked(StreamEnded):
    pass


class GoingAway(StreamEnded):
    pass


@dataclass(frozen=True, slots=True)
class Frame:
    """An event as it goes over the wire; `seq` None: not stored, no id."""

    seq: int | None
    type: str
    json: str
    sse: bytes


def frame_of(event: Stored, audience: Audience) -> Frame:
    body = encode(envelope(event, audience))
    return Frame(event.seq, event.type, body, sse_frame(event.seq, event.type, body))


def unstored(type_: str, **fields: object) -> Frame:
    """A frame without an id: a client's cursor does not move over it."""
    body = encode({"type": type_, **fields})
    return Frame(None, type_, body, f"event: {type_}\ndata: {body}\n\n".encode())


@dataclass(eq=False, slots=True)
class Subscription:
    """One stream's queue. A stream that lets it run full is let go and gets nothing more."""

    viewer: Viewer
    ended: type[StreamEnded] | None = None
    _frames: deque[Frame] = field(default_factory=deque)
    _size: int = 0
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def __len__(self) -> int:
        return len(self._frames)

    def push(self, frame: Frame) -> None:
        if len(self._frames) >= QUEUE_EVENTS or self._size + len(frame.sse) > QUEUE_BYTES:
            self.end(SlowClient)
        if self.ended is None:
            self._frames.append(frame)
            self._size += len(frame.sse)
            self._woken.set()

    def end(self, why: type[StreamEnded]) -> None:
        """The first reason counts."""
        self.ended = self.ended or why
        self._frames.clear()
        self._woken.set()

    async def next(self, patience: float) -> list[Frame]:
        """Frames that have come, or none after `patience` seconds. Raises StreamEnded."""
        if not self._woken.is_set():
            try:
                async with asyncio.timeout(max(patience, 0)):
                    await self._woken.wait()
            except TimeoutError:
                return []
        if self.ended is not None:
            raise self.ended
        taken = list(self._frames)
        self._frames.clear()
        self._size = 0
        self._woken.clear()
        return taken
