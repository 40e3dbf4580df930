"""One hub per event loop: one subscription to the hints, one poll, one clock for all local streams.

A hint (or the poll, every few seconds, for all cases at once) says that a case's log grew; `topics` reads the new
rows once and hands them to every stream of that case. Streams have no timers of their own: the hub tells
them when a heartbeat is due, when their time is over, and when their viewer may not watch any more.
"""

from __future__ import annotations

import asyncio
import random
import weakref
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.conf import settings

from triage import eventlog
from triage.access import Actor
from triage.broadcast import MESSAGE_DELTA
from triage.dbthreads import in_db_thread
from triage.errors import TooManyStreams, Unavailable
from triage.hints import Hints
from triage.subscription import (
    CHANGED,
    HEARTBEAT_FRAME,
    AccessRevoked,
    GoingAway,
    LifetimeOver,
    Outlet,
    Subscription,
    unstored,
)
from triage.topics import Topics
from triage.viewers import BOARD, Viewer, no_longer_allowed

log = structlog.get_logger(__name__)

POLL = (2.0, 5.0)  # seconds, drawn anew each time so that processes do not poll in step
RECHECK = 3.5  # seconds; somebody who lost the right to watch is noticed an eighth later, and within five
RECHECKED_AT_ONCE = 200  # viewers; more in one query hold up what is due to everybody
HEARTBEAT = (12.0, 18.0)  # seconds
TICK = 1.0  # seconds: how exactly the hub tells the time
FAREWELL = 2.0  # seconds


@dataclass(slots=True)
class Counts:
    """Since the process began; `ended`: why streams were let go, `dropped`: passing frames that were not sent."""

    polls: int = 0
    polls_with_news: int = 0
    hints_missed: int = 0
    resets: int = 0
    dropped: int = 0
    ended: Counter[str] = field(default_factory=Counter)


class Hub:
    def __init__(self) -> None:
        self.topics = Topics()
        self.streams: Counter[str] = Counter()
        self.counts = Counts()
        self.is_draining = False
        self.hints = Hints(self._hear)
        self._has_board_moved = False
        self._tasks: list[asyncio.Task[None]] = []

    def join(self, viewer: Viewer, lifetime: float, outlet: Outlet) -> Subscription:
        """A subscription that lasts until `leave`, for at most `lifetime` seconds; raises TooManyStreams, Unavailable.

        Join first and read the log afterwards (then say by `topics.place` how far): whatever falls between is in
        both, never in neither.
        """
        self.check_room(viewer.actor)
        now = asyncio.get_running_loop().time()
        subscription = Subscription(
            viewer,
            outlet,
            beats_at=now + random.uniform(*HEARTBEAT),
            ends_at=now + lifetime,
            checked_at=now - random.uniform(0, RECHECK),  # so that those who come together are not checked together
        )
        self.topics.join(viewer.case_id, subscription)
        self.streams[viewer.actor.key] += 1
        if not self._tasks:
            jobs: list[Callable[[], Awaitable[None]]] = [
                self.hints.listen,
                self.topics.read,
                self._poll,
                self._recheck,
                self._tick,
            ]
            self._tasks = [asyncio.ensure_future(job()) for job in jobs]
        return subscription

    async def leave(self, subscription: Subscription) -> None:
        viewer = subscription.viewer
        self.topics.leave(viewer.case_id, subscription)
        self.counts.dropped += subscription.dropped
        if subscription.ended is not None:
            self.counts.ended[subscription.ended.__name__] += 1
        self.streams[viewer.actor.key] -= 1
        if not self.streams[viewer.actor.key]:
            del self.streams[viewer.actor.key]
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

    async def drain(self, seconds: float) -> None:
        """Take no new streams, and send those that are open away, spread over `seconds`."""
        self.is_draining = True
        leaving = list(self.topics.subscriptions())
        random.shuffle(leaving)
        for subscription in leaving:
            subscription.end(GoingAway)
            await asyncio.sleep(seconds / len(leaving))

    async def _stop(self) -> None:
        """Nobody watches: leave the group, and be gone before the loop may close."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=FAREWELL)

    def _hear(self, hint: dict[str, Any]) -> None:
        case_id = hint["case_id"]
        if hint["type"] == MESSAGE_DELTA:
            delta = unstored("message_delta", is_passing=True, case_id=case_id, text=hint["text"])
            self.topics.push(case_id, delta)
        else:
            self._has_board_moved = True
            self.topics.notice(case_id, hint["seq"])

    async def _tick(self) -> None:
        """Heartbeats, lifetimes, and at most one `changed` per tick for who watches all cases."""
        while True:
            await asyncio.sleep(TICK)
            try:
                self._tell_the_time(asyncio.get_running_loop().time())
            except Exception as error:  # one stream's trouble must not leave all without heartbeats
                log.error("tick_failed", error=repr(error))

    def _tell_the_time(self, now: float) -> None:
        for subscription in self.topics.subscriptions():
            if now >= subscription.ends_at:
                subscription.end(LifetimeOver)
            elif now >= subscription.beats_at:
                subscription.beats_at = now + random.uniform(*HEARTBEAT)
                subscription.push(HEARTBEAT_FRAME)
        if self._has_board_moved:
            self._has_board_moved = False
            self.topics.push(BOARD, CHANGED)

    async def _poll(self) -> None:
        """The safety net: whatever hints were lost, the rows tell."""
        newest = 0
        while True:
            await asyncio.sleep(random.uniform(*POLL))
            try:
                found = await in_db_thread(eventlog.last_seqs, self.topics.case_ids())
                before, newest = newest, await in_db_thread(eventlog.newest) if self.topics.has(BOARD) else newest
            except Exception as error:
                log.warning("poll_failed", error=repr(error))
                continue
            missed = sum(self.topics.notice(case_id, seq) for case_id, seq in found.items())
            self.counts.polls += 1
            self.counts.polls_with_news += missed > 0
            self.counts.hints_missed += missed
            self._has_board_moved |= newest != before

    async def _recheck(self) -> None:
        """Close the streams of those who may not watch any more."""
        clock = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(RECHECK / 8)
            latest = clock.time() - RECHECK
            due = [one for one in self.topics.subscriptions() if one.checked_at <= latest]
            for start in range(0, len(due), RECHECKED_AT_ONCE):
                await _let_go_of_strangers(due[start : start + RECHECKED_AT_ONCE], clock.time())


async def _let_go_of_strangers(subscriptions: list[Subscription], now: float) -> None:
    try:
        gone = await in_db_thread(no_longer_allowed, {one.viewer for one in subscriptions})
    except Exception as error:  # who may watch is asked again soon
        log.warning("recheck_failed", error=repr(error))
        return
    for subscription in subscriptions:
        subscription.checked_at = now
        if subscription.viewer in gone:
            subscription.end(AccessRevoked)


_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is None:
        found = _hubs[loop] = Hub()
    return found
