"""The logs that streams of this process follow: who subscribed to which, how far it was read, and the one reader.

A notice (from a hint or the poll) says that a case's log grew. The reader fetches what is new of all such cases in
one query, encodes each event once per audience, and hands the same frames to every subscription of its case.
It keeps nothing that the log does not know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

import structlog

from triage import eventlog
from triage.dbthreads import in_db_thread
from triage.events import Stored
from triage.subscription import QUEUE_EVENTS, Frame, Subscription, frame_of
from triage.viewers import BOARD

log = structlog.get_logger(__name__)

PORTION = QUEUE_EVENTS // 2
"""Events of one reading: well below a queue's length, so that a burst makes nobody who reads look slow."""


@dataclass(eq=False, slots=True)
class Topic:
    """The local subscriptions of one case. `position`: the last seq handed to them; None until it is known."""

    subscriptions: set[Subscription] = field(default_factory=set)
    position: int | None = None
    reached: int = 0

    @property
    def is_behind(self) -> bool:
        return bool(self.subscriptions) and self.position is not None and self.position < self.reached


class Topics:
    def __init__(self) -> None:
        self.by_case: dict[str, Topic] = {}
        self.high_water = 0
        self._behind: dict[str, Topic] = {}
        self._called = asyncio.Event()

    def __bool__(self) -> bool:
        return bool(self.by_case)

    def case_ids(self) -> list[str]:
        return [case_id for case_id in self.by_case if case_id != BOARD]

    def has(self, case_id: str) -> bool:
        return case_id in self.by_case

    def subscriptions(self) -> Iterator[Subscription]:
        for topic in self.by_case.values():
            yield from topic.subscriptions

    def join(self, case_id: str, subscription: Subscription) -> None:
        self.by_case.setdefault(case_id, Topic()).subscriptions.add(subscription)

    def leave(self, case_id: str, subscription: Subscription) -> None:
        topic = self.by_case[case_id]
        topic.subscriptions.discard(subscription)
        if not topic.subscriptions:
            del self.by_case[case_id]

    def place(self, case_id: str, seq: int) -> int:
        """A newcomer read the log up to `seq`; returns up to where it has to, as frames up to there are not for it.

        Of several who come at once the first says where the reader begins, which may be further than others read.
        """
        topic = self.by_case[case_id]
        if topic.position is None:
            topic.position = seq
            self.notice(case_id, topic.reached)
        return topic.position

    def notice(self, case_id: str, seq: int) -> bool:
        """The log of a case reached `seq`; returns whether that is news."""
        topic = self.by_case.get(case_id)
        if topic is None:
            return False
        is_news = topic.position is not None and seq > max(topic.position, topic.reached)
        topic.reached = max(topic.reached, seq)
        if topic.is_behind:
            self._behind[case_id] = topic
            self._called.set()
        return is_news

    def push(self, case_id: str, frame: Frame) -> None:
        """A frame that is in no log."""
        topic = self.by_case.get(case_id)
        for subscription in topic.subscriptions if topic is not None else ():
            subscription.push(frame)

    async def read(self) -> None:
        """For ever: whatever is behind."""
        while True:
            await self._called.wait()
            self._called.clear()
            while self._behind:
                try:
                    await self._read_portion()
                except Exception as error:  # the poll comes back to it
                    log.warning("log_not_read", error=repr(error))

    async def _read_portion(self) -> None:
        taken = {case_id: self._behind.pop(case_id) for case_id in list(self._behind)[:PORTION]}
        due = {case_id: topic for case_id, topic in taken.items() if topic.is_behind}
        if not due:
            return
        positions = [(case_id, topic.position or 0) for case_id, topic in due.items()]
        events = await in_db_thread(eventlog.after_each, positions, limit=PORTION)
        for case_id, group in groupby(events, key=lambda event: event.case_id):
            self._fan_out(due[case_id], list(group))
        if len(events) == PORTION:  # perhaps not all that was asked for
            self._behind.update((case_id, topic) for case_id, topic in due.items() if topic.is_behind)

    def _fan_out(self, topic: Topic, events: list[Stored]) -> None:
        audiences = {subscription.audience for subscription in topic.subscriptions}
        for event in events:
            frames = {audience: frame_of(event, audience) for audience in audiences}
            for subscription in topic.subscriptions:
                queued = subscription.push(frames[subscription.audience])
                self.high_water = max(self.high_water, queued)
        topic.position = events[-1].seq
