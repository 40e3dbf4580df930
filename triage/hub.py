"""One hub per event loop: one subscription to the hints, one reading of each event, fan-out to local streams.

A hint (or the poll, every few seconds, for all cases at once) says that a case's log grew. The hub reads
the new rows once, encodes each event once per audience, and hands the same frames to every subscription
of that case. It keeps nothing that the log does not know.
"""

from __future__ import annotations

import asyncio
import random
import weakref
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog
from django.conf import settings

from triage import eventlog
from triage.access import Actor
from triage.dbthreads import in_db_thread
from triage.errors import TooManyStreams, Unavailable
from triage.events import Stored
from triage.hints import Hints
from triage.subscription import QUEUE_EVENTS, AccessRevoked, GoingAway, Subscription, frame_of
from triage.viewers import Viewer, no_longer_allowed

log = structlog.get_logger(__name__)

POLL = (2.0, 5.0)  # seconds, drawn anew each time so that processes do not poll in step
RECHECK = 4.0  # seconds until somebody who lost the right to watch is noticed
FAREWELL = 2.0  # seconds


@dataclass(eq=False, slots=True)
class _Topic:
    """The local subscriptions of one case. `position`: the last seq handed to them; None until it is known."""

    subscriptions: set[Subscription] = field(default_factory=set)
    position: int | None = None
    reached: int = 0
    reading: asyncio.Task[None] | None = None


@dataclass(slots=True)
class Counts:
    """Since the process began. `high_water`: the longest queue of a stream; `ended`: why streams were let go."""

    hints_missed: int = 0
    resets: int = 0
    high_water: int = 0
    ended: Counter[str] = field(default_factory=Counter)


class Hub:
    def __init__(self) -> None:
        self.topics: dict[str, _Topic] = {}
        self.streams: Counter[str] = Counter()
        self.counts = Counts()
        self.is_draining = False
        self._tasks: list[asyncio.Task[None]] = []
        self.hints = Hints(self._notice)

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
        """Raises TooManyStreams when the actor may open no more, Unavailable when this process is about to end."""
        if self.is_draining:
            raise Unavailable("This server is about to restart.")
        if self.streams[actor.key] >= settings.STREAMS_PER_ACTOR:
            raise TooManyStreams(f"At most {settings.STREAMS_PER_ACTOR} live connections at once.")
        if self.streams.total() >= settings.STREAMS_PER_PROCESS:
            raise TooManyStreams("This server has no room for more live connections.")

    def _leave(self, topic: _Topic, subscription: Subscription) -> None:
        case_id, actor_key = subscription.viewer.case_id, subscription.viewer.actor.key
        topic.subscriptions.discard(subscription)
        if subscription.ended is not None:
            self.counts.ended[subscription.ended.__name__] += 1
        if not topic.subscriptions and self.topics.get(case_id) is topic:
            del self.topics[case_id]
        self.streams[actor_key] -= 1
        if not self.streams[actor_key]:
            del self.streams[actor_key]

    def _start(self) -> None:
        if not self._tasks:
            self._tasks = [asyncio.create_task(job()) for job in (self.hints.listen, self._poll, self._recheck)]

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
                # Pages well below a queue's length, so that a burst makes nobody who reads look slow.
                events = await in_db_thread(eventlog.after, case_id, topic.position, limit=QUEUE_EVENTS // 2)
                if not events:
                    return
                self._fan_out(topic, events)
                topic.position = events[-1].seq
        except Exception as error:  # the poll comes back to it
            log.warning("log_not_read", case=case_id, error=repr(error))

    async def drain(self, seconds: float) -> None:
        """Take no new streams, and send those that are open away, spread over `seconds`."""
        self.is_draining = True
        leaving = self._subscriptions()
        random.shuffle(leaving)
        for subscription in leaving:
            subscription.end(GoingAway)
            await asyncio.sleep(seconds / len(leaving))

    def _subscriptions(self) -> list[Subscription]:
        return [one for topic in self.topics.values() for one in topic.subscriptions]

    def _fan_out(self, topic: _Topic, events: list[Stored]) -> None:
        audiences = {subscription.viewer.actor.audience for subscription in topic.subscriptions}
        for event in events:
            frames = {audience: frame_of(event, audience) for audience in audiences}
            for subscription in topic.subscriptions:
                subscription.push(frames[subscription.viewer.actor.audience])
        longest = max(map(len, topic.subscriptions), default=0)
        self.counts.high_water = max(self.counts.high_water, longest)

    async def _poll(self) -> None:
        """The safety net: whatever hints were lost, the rows tell."""
        while True:
            await asyncio.sleep(random.uniform(*POLL))
            try:
                for case_id, seq in (await in_db_thread(eventlog.last_seqs, list(self.topics))).items():
                    topic = self.topics.get(case_id)
                    if topic is not None and topic.position is not None and seq > max(topic.position, topic.reached):
                        self.counts.hints_missed += 1
                    self._notice(case_id, seq)
            except Exception as error:
                log.warning("poll_failed", error=repr(error))

    async def _recheck(self) -> None:
        """Close the streams of those who may not watch any more."""
        while True:
            await asyncio.sleep(RECHECK)
            subscriptions = self._subscriptions()
            try:
                gone = await in_db_thread(no_longer_allowed, {one.viewer for one in subscriptions})
            except Exception as error:  # who may watch is asked again soon
                log.warning("recheck_failed", error=repr(error))
                continue
            for subscription in subscriptions:
                if subscription.viewer in gone:
                    subscription.end(AccessRevoked)


_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
