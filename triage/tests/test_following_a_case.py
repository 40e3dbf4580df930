"""`follow`: every event after the cursor, once and in order, live and from the log, with and without hints."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress

import pytest
from asgiref.sync import sync_to_async

from triage import hub as hub_module
from triage import orchestrator, subscription
from triage.access import SYSTEM
from triage.errors import TooManyStreams
from triage.stream import follow
from triage.subscription import Frame
from triage.tests.loaded_flows import load_small_flow
from triage.viewers import Viewer
from triage_project.tests.faulty_valkey import FaultyValkey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream]


def open_case() -> str:
    load_small_flow("endless")
    return orchestrator.open_case(actor=SYSTEM, flow_id="endless", language="en", text="Hello, my roof leaks").case_id


async def say(case_id: str, text: str) -> int:
    outcome = await sync_to_async(orchestrator.answer)(actor=SYSTEM, case_id=case_id, text=text)
    return outcome.last_seq


def following(case_id: str, after: int) -> AsyncGenerator[Frame, None]:
    return follow(Viewer(SYSTEM, case_id), after)


async def seqs_until(frames: AsyncIterator[Frame], last: int) -> list[int]:
    """Seqs of stored frames up to `last`, within a time that a working stream never needs."""
    found: list[int] = []
    async with asyncio.timeout(30):
        async for frame in frames:
            if frame.seq is not None:
                found.append(frame.seq)
            if frame.seq == last:
                return found
    raise AssertionError(f"the stream ended at {found}")


async def test_a_new_viewer_sees_everything_from_the_first_event() -> None:
    case_id = await sync_to_async(open_case)()
    last = await say(case_id, "since yesterday")
    async with aclosing(following(case_id, 0)) as frames:
        assert await seqs_until(frames, last) == list(range(1, last + 1))


async def test_a_viewer_who_comes_back_sees_only_what_is_new() -> None:
    case_id = await sync_to_async(open_case)()
    last = await say(case_id, "since yesterday")
    async with aclosing(following(case_id, 3)) as frames:
        assert await seqs_until(frames, last) == list(range(4, last + 1))


async def test_what_happens_while_watching_arrives_in_order() -> None:
    case_id = await sync_to_async(open_case)()
    async with aclosing(following(case_id, 0)) as frames:
        watching = asyncio.create_task(seqs_until(frames, await say(case_id, "one")))
        await watching
        last = 0
        for text in ("two", "three", "four"):
            last = await say(case_id, text)
        found = await seqs_until(frames, last)
        assert found == list(range(found[0], last + 1))


async def test_events_arrive_though_every_hint_is_lost(valkey: FaultyValkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "POLL", (0.1, 0.2))
    case_id = await sync_to_async(open_case)()
    valkey.stop()
    async with aclosing(following(case_id, 0)) as frames:
        last = await say(case_id, "nobody tells")
        assert await seqs_until(frames, last) == list(range(1, last + 1))


async def test_hints_work_again_after_redis_was_killed(valkey: FaultyValkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "POLL", (0.2, 0.4))
    case_id = await sync_to_async(open_case)()
    async with aclosing(following(case_id, 0)) as frames:
        await seqs_until(frames, await say(case_id, "before"))
        valkey.kill()
        await seqs_until(frames, await say(case_id, "meanwhile"))
        valkey.start()
        monkeypatch.setattr(hub_module, "POLL", (60.0, 61.0))
        last = await say(case_id, "afterwards")
        assert (await seqs_until(frames, last))[-1] == last


async def test_a_cursor_that_the_log_never_reached_gets_a_reset_and_then_everything() -> None:
    case_id = await sync_to_async(open_case)()
    async with aclosing(following(case_id, 9999)) as frames:
        first = await anext(frames)
        assert (first.type, first.seq) == ("stream_reset", None)
        assert (await anext(frames)).seq == 1


async def test_the_stream_of_a_cancelled_case_ends_after_its_last_event() -> None:
    case_id = await sync_to_async(open_case)()
    await sync_to_async(orchestrator.cancel)(actor=SYSTEM, case_id=case_id)
    async with asyncio.timeout(10):
        types = [frame.type async for frame in following(case_id, 0)]
    assert types[-2:] == ["triage_cancelled", "stream_end"]


async def test_a_silent_case_gets_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "HEARTBEAT", (0.05, 0.06))
    case_id = await sync_to_async(open_case)()
    async with aclosing(following(case_id, 0)) as frames, asyncio.timeout(10):
        async for frame in frames:
            if frame.type == "heartbeat":
                break
    assert frame.sse == b": heartbeat\n\n"


async def test_one_actor_may_open_eight_streams_and_no_more() -> None:
    case_id = await sync_to_async(open_case)()
    open_streams = [following(case_id, 0) for _ in range(9)]
    for frames in open_streams[:8]:
        await anext(frames)
    with pytest.raises(TooManyStreams):
        await anext(open_streams[8])
    for frames in open_streams[:8]:
        await frames.aclose()
    assert not hub_module.hub().streams
    assert not hub_module.hub().topics


async def test_a_viewer_who_reads_too_slowly_is_let_go_and_may_resume(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscription, "QUEUE_EVENTS", 3)
    case_id = await sync_to_async(open_case)()
    async with aclosing(following(case_id, 0)) as frames:
        await anext(frames)
        await say(case_id, "more events than the queue holds")
        last = await say(case_id, "and more")
        async with aclosing(following(case_id, 0)) as other:
            with suppress(subscription.SlowClient):  # its queue is as short
                await seqs_until(other, last)
        seen: list[int] = []
        with pytest.raises(subscription.SlowClient):
            async with asyncio.timeout(10):
                async for frame in frames:
                    seen.append(frame.seq or 0)
    async with aclosing(following(case_id, max(seen, default=1))) as resumed:
        found = await seqs_until(resumed, last) if max(seen, default=1) < last else []
        assert not found or found[-1] == last
