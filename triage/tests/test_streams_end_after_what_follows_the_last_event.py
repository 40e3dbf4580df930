"""A stream ends with `stream_end` though something was still written behind the event that ended the case."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from asgiref.sync import sync_to_async

from triage import orchestrator
from triage.access import SYSTEM
from triage.dbthreads import in_db_thread
from triage.stream import follow
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.viewers import Viewer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream]


async def test_an_event_behind_the_last_one_arrives_and_then_the_end() -> None:
    case = await in_db_thread(make_case)
    async with aclosing(follow(Viewer(SYSTEM, case.pk), case.last_seq - 1)) as frames, asyncio.timeout(20):
        assert (await anext(frames)).seq == case.last_seq
        await sync_to_async(orchestrator.cancel)(actor=SYSTEM, case_id=case.pk)
        async for frame in frames:
            if frame.type == "triage_cancelled":
                break
        last = await in_db_thread(write, case.pk)  # before the stream looks whether the case is over
        rest = [frame async for frame in frames]
    assert [(frame.seq, frame.type) for frame in rest if frame.type != "heartbeat"] == [
        (last, "triage_update"),
        (None, "stream_end"),
    ]


async def test_who_comes_later_gets_both_and_the_end() -> None:
    case = await in_db_thread(make_case)
    await sync_to_async(orchestrator.cancel)(actor=SYSTEM, case_id=case.pk)
    last = await in_db_thread(write, case.pk)
    async with asyncio.timeout(20):
        found = [(frame.seq, frame.type) async for frame in follow(Viewer(SYSTEM, case.pk), last - 2)]
    assert found == [(last - 1, "triage_cancelled"), (last, "triage_update"), (None, "stream_end")]
