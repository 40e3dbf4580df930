"""Frames that are in no log, such as words of a reply as they are written: never in an event's way, first to go."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from datetime import datetime

import pytest
from asgiref.sync import sync_to_async

from triage import broadcast, subscription
from triage.access import SYSTEM
from triage.events import Stored
from triage.stream import follow
from triage.subscription import HEARTBEAT_FRAME, Frame, Outlet, SlowClient, Subscription, frame_of, unstored
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.viewers import Viewer

QUEUE = 4
MOMENT = "2026-03-03T12:00:00+00:00"


def event(seq: int) -> Frame:
    return frame_of(Stored("case", seq, "triage_update", datetime.fromisoformat(MOMENT), {}), "client")


def delta(text: str) -> Frame:
    return unstored("message_delta", is_passing=True, text=text)


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Subscription:
    """Of a client that reads nothing."""
    monkeypatch.setattr(subscription, "QUEUE_EVENTS", QUEUE)
    return Subscription(Viewer(SYSTEM, "case"), Outlet(), 0.0, 0.0, 0.0)


async def test_they_make_room_for_events(stream: Subscription) -> None:
    for text in "abc":
        stream.push(delta(text))
    for seq in range(1, QUEUE + 1):
        stream.push(event(seq))
    assert [frame.seq for frame in await stream.next()] == list(range(1, QUEUE + 1))
    assert stream.dropped == 3


async def test_a_full_queue_takes_no_more_of_them_and_the_stream_lives_on(stream: Subscription) -> None:
    for seq in range(1, QUEUE + 1):
        stream.push(event(seq))
    stream.push(delta("too late"))
    stream.push(HEARTBEAT_FRAME)
    assert [frame.seq for frame in await stream.next()] == list(range(1, QUEUE + 1))
    assert stream.dropped == 2


async def test_only_events_let_a_queue_run_full(stream: Subscription) -> None:
    for seq in range(1, QUEUE + 2):
        stream.push(event(seq))
    with pytest.raises(SlowClient):
        await stream.next()


@pytest.mark.django_db(transaction=True)
@pytest.mark.stream
async def test_words_of_a_reply_reach_who_follows_and_leave_the_cursor_where_it_is() -> None:
    case = await sync_to_async(make_case)()
    async with aclosing(follow(Viewer(SYSTEM, case.pk), case.last_seq)) as frames, asyncio.timeout(20):
        coming = asyncio.ensure_future(anext(frames))
        while not coming.done():  # the hub may not listen yet, and such a word is not kept
            await sync_to_async(broadcast.message_delta)(case.pk, "Entendo")
            await asyncio.wait([coming], timeout=0.2)
        frame = coming.result()
        assert (frame.seq, frame.type) == (None, "message_delta")
        assert json.loads(frame.json) == {"type": "message_delta", "case_id": case.pk, "text": "Entendo"}
        last = await sync_to_async(write)(case.pk)
        while (frame := await anext(frames)).seq is None:
            pass
        assert frame.seq == last == case.last_seq + 1
