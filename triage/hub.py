"""One hub per event loop: one subscription to the hints, one reading of each event, fan-out to local streams.

A hint (or the poll, every few seconds, for all cases at once) says that a case's log grew. The hub reads
the new rows once, encodes each event once per audience, and hands the same frames to every subscription
of that case. It keeps nothing that the log does not know.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import weakref
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog
from channels.layers import get_channel_layer

from triage import eventlog
from triage.access import Actor
from triage.broadcast import GROUP
from triage.dbthreads import in_db_thread
from triage.errors import TooManyStreams
from triage.events import Audience, Stored, encode, envelope, sse_frame
from triage.viewers import Viewer, no_longer_allowed

log = structlog.get_logger(__name__)

QUEUE_EVENTS = 256
QUEUE_BYTES = 1 << 20
STREAMS_PER_ACTOR = 8
POLL = (2.0, 5.0)  # seconds, drawn anew each time so that processes do not poll in step
FAREWELL = 1.0  # seconds
RECHECK = 4.0  # seconds until somebody who lost the right to watch is noticed
RESUBSCRIBE = 1.0  # seconds between tries while Redis is away


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


@dataclass(eq=False, slots=True)
class Subscription:
    """One stream's bounded queue. A stream that reads too slowly is marked and gets nothing more."""

    viewer: Viewer
    frames: deque[Frame] = field(default_factory=deque)
    size: int = 0
    is_slow: bool = False
    is_revoked: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def push(self, frame: Frame) -> None:
        if len(self.frames) >= QUEUE_EVENTS or self.size + len(frame.sse) > QUEUE_BYTES:
            self.is_slow = True
            self.frames.clear()
        if not self.is_slow:
            self.frames.append(frame)
            self.size += len(frame.sse)
        self.woken.set()

    def revoke(self) -> None:
        self.is_revoked = True
        self.woken.set()

    def pop_all(self) -> list[Frame]:
        taken = list(self.frames)
        self.frames.clear()
        self.size = 0
        self.woken.clear()
        return taken


@dataclass(eq=False, slots=True)
class _Topic:
    """The local subscriptions of one case. `position`: the last seq handed to them; None until it is known."""

    subscriptions: set[Subscription] = field(default_factory=set)
    position: int | None = None
    reached: int = 0
    reading: asyncio.Task[None] | None = None


class Hub:
    def __init__(self) -> None:
        self.topics: dict[str, _Topic] = {}
        self.streams: Counter[str] = Counter()
        self._tasks: list[asyncio.Task[None]] = []
        self.hints_missed = 0

    @asynccontextmanager
    async def subscribed(self, viewer: Viewer) -> AsyncIterator[Subscription]:
        """Frames of events after the case's present position; raises TooManyStreams.

        Subscribe first and read the log afterwards: whatever falls between is in both, never in neither.
        """
        self.check_room(viewer.actor)
        subscription = Subscription(viewer)
        case_id = viewer.case_id
        topic = self.topics.setdefault(case_id, _Topic())
        topic.subscriptions.add(subscription)
        self.streams[viewer.actor.key] += 1
        try:
            self._start()
            if topic.position is None:
                last = (await in_db_thread(eventlog.last_seqs, [case_id])).get(case_id, 0)
                if topic.position is None:
                    topic.position = last
                    self._notice(case_id, topic.reached)
            yield subscription
        finally:
            self._leave(topic, subscription)
            if not self.topics:
                await self._stop()

    def check_room(self, actor: Actor) -> None:
        """Raises TooManyStreams when the actor may open no more."""
        if self.streams[actor.key] >= STREAMS_PER_ACTOR:
            raise TooManyStreams(f"At most {STREAMS_PER_ACTOR} live connections at once.")

    def _leave(self, topic: _Topic, subscription: Subscription) -> None:
        case_id, actor_key = subscription.viewer.case_id, subscription.viewer.actor.key
        topic.subscriptions.discard(subscription)
        if not topic.subscriptions and self.topics.get(case_id) is topic:
            del self.topics[case_id]
        self.streams[actor_key] -= 1
        if not self.streams[actor_key]:
            del self.streams[actor_key]

    def _start(self) -> None:
        if not self._tasks:
            self._tasks = [asyncio.create_task(job()) for job in (self._listen, self._poll, self._recheck)]

    async def _stop(self) -> None:
        """Nobody watches: leave the group, and be gone before the loop may close."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=FAREWELL)

    def _notice(self, case_id: str, seq: int) -> None:
        """The log of a case reached `seq`: read what is new, one reading at a time per case."""
        topic = self.topics.get(case_id)
        if topic is None:
            return
        topic.reached = max(topic.reached, seq)
        if topic.position is None or topic.reached <= topic.position:
            return
        if topic.reading is None or topic.reading.done():
            topic.reading = asyncio.create_task(self._read(case_id, topic))

    async def _read(self, case_id: str, topic: _Topic) -> None:
        try:
            while topic.subscriptions and topic.position is not None and topic.position < topic.reached:
                events = await in_db_thread(eventlog.after, case_id, topic.position)
                if not events:
                    return
                self._fan_out(topic, events)
                topic.position = events[-1].seq
        except Exception as error:  # the poll comes back to it
            log.warning("log_not_read", case=case_id, error=repr(error))

    def _fan_out(self, topic: _Topic, events: list[Stored]) -> None:
        audiences = {subscription.viewer.actor.audience for subscription in topic.subscriptions}
        for event in events:
            frames = {audience: frame_of(event, audience) for audience in audiences}
            for subscription in topic.subscriptions:
                subscription.push(frames[subscription.viewer.actor.audience])

    async def _listen(self) -> None:
        """The subscription to hints, renewed whenever it fails."""
        while True:
            try:
                await self._receive_hints()
            except Exception as error:
                log.warning("hints_unavailable", error=repr(error))
                await asyncio.sleep(RESUBSCRIBE)

    async def _receive_hints(self) -> None:
        layer = get_channel_layer()
        if layer is None:
            raise RuntimeError("no channel layer is configured")
        channel = await layer.new_channel()
        await layer.group_add(GROUP, channel)
        try:
            _raise_if_cancelled()
            while True:
                hint = await layer.receive(channel)
                self._notice(hint["case_id"], hint["seq"])
        finally:
            with contextlib.suppress(Exception):
                await layer.group_discard(GROUP, channel)

    async def _poll(self) -> None:
        """The safety net: whatever hints were lost, the rows tell."""
        while True:
            await asyncio.sleep(random.uniform(*POLL))
            try:
                for case_id, seq in (await in_db_thread(eventlog.last_seqs, list(self.topics))).items():
                    topic = self.topics.get(case_id)
                    if topic is not None and topic.position is not None and seq > max(topic.position, topic.reached):
                        self.hints_missed += 1
                    self._notice(case_id, seq)
            except Exception as error:
                log.warning("poll_failed", error=repr(error))

    async def _recheck(self) -> None:
        """Close the streams of those who may not watch any more."""
        while True:
            await asyncio.sleep(RECHECK)
            subscriptions = [one for topic in self.topics.values() for one in topic.subscriptions]
            try:
                gone = await in_db_thread(no_longer_allowed, {one.viewer for one in subscriptions})
            except Exception as error:  # who may watch is asked again soon
                log.warning("recheck_failed", error=repr(error))
                continue
            for subscription in subscriptions:
                if subscription.viewer in gone:
                    subscription.revoke()


def _raise_if_cancelled() -> None:
    """A cancellation that comes while the Redis client connects may be swallowed by it."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
