"""Why a WebSocket was closed is in its code: too slow is 4408, come back is 4499. And after the close comes nothing."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

from conversations.models import Message
from triage import consumers, stream, subscription
from triage.dbthreads import in_db_thread
from triage.hub import hub
from triage.orchestrator import TurnOutcome
from triage.subscription import SlowClient
from triage.tests.log_writer import write
from triage.tests.stream_client import until
from triage.tests.test_websocket import open_case, owner_with_key
from triage_project.asgi import application

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream]

SLOW, RESUME = 4408, 4499
PATIENCE = 20.0  # seconds


class Reading:
    """A client whose server passes frames on only while it `reads`; the close is passed on at any time."""

    def __init__(self) -> None:
        self.reads = asyncio.Event()
        self.reads.set()

    async def __call__(self, scope: Any, receive: Any, send: Callable[[Any], Any]) -> None:
        async def send_when_read(message: dict[str, Any]) -> None:
            if message["type"] == "websocket.send":
                await self.reads.wait()
            await send(message)

        await application(scope, receive, send_when_read)


async def connected(case_id: str, key: str, reading: Reading | None = None) -> WebsocketCommunicator:
    headers = [(b"host", b"localhost"), (b"authorization", f"Bearer {key}".encode())]
    made = WebsocketCommunicator(reading or application, f"/ws/triage/{case_id}/", headers=headers)
    assert (await made.connect(timeout=PATIENCE))[0]
    return made


async def live(case_id: str, key: str, reading: Reading | None = None) -> WebsocketCommunicator:
    """It has seen the whole log, and waits for what comes."""
    made = await connected(case_id, key, reading)
    last = await in_db_thread(write, case_id)
    await made.send_to(json.dumps({"type": "follow", "after": last - 1}))
    assert json.loads(await made.receive_from(timeout=PATIENCE))["seq"] == last
    return made


async def rest(connection: WebsocketCommunicator) -> list[dict[str, Any]]:
    """What was sent up to the close, and the close."""
    found = [await connection.receive_output(timeout=PATIENCE)]
    while found[-1]["type"] != "websocket.close":
        found.append(await connection.receive_output(timeout=PATIENCE))
    return found


@pytest.fixture
async def case_and_key() -> tuple[str, str]:
    user, key = await sync_to_async(owner_with_key)("alice")
    return await sync_to_async(open_case)(user), key


async def test_whose_queue_ran_over_is_closed_with_4408(
    case_and_key: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "SEND_PATIENCE", 10 * PATIENCE)
    reading = Reading()
    connection = await live(*case_and_key, reading)
    (waiting,) = hub().topics.subscriptions()
    monkeypatch.setattr(subscription, "QUEUE_EVENTS", 3)
    reading.reads.clear()
    while waiting.ended is None:
        await in_db_thread(write, case_and_key[0], 3)
        await asyncio.sleep(0)
    assert waiting.ended is SlowClient
    reading.reads.set()
    assert (await rest(connection))[-1]["code"] == SLOW
    await connection.disconnect(timeout=PATIENCE)


async def test_who_accepts_no_frame_for_long_is_closed_with_4408(
    case_and_key: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "SEND_PATIENCE", 0.2)
    reading = Reading()
    connection = await live(*case_and_key, reading)
    reading.reads.clear()
    await in_db_thread(write, case_and_key[0])
    assert [(one["type"], one.get("code")) for one in await rest(connection)] == [("websocket.close", SLOW)]
    await connection.disconnect(timeout=PATIENCE)


async def test_words_on_their_way_while_the_socket_closes_are_kept_and_nothing_follows_the_close(
    case_and_key: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_their_way, may_go_on, say = threading.Event(), threading.Event(), consumers._say

    def say_later(*words: Any) -> TurnOutcome:
        on_their_way.set()
        assert may_go_on.wait(PATIENCE)
        return say(*words)

    monkeypatch.setattr(consumers, "_say", say_later)
    connection = await live(*case_and_key)
    await connection.send_to(json.dumps({"type": "say", "text": "yesterday", "key": "k"}))
    await until(on_their_way.is_set)
    await hub().drain(0.0)
    closed = (await rest(connection))[-1]
    may_go_on.set()
    await connection.disconnect(timeout=PATIENCE)  # after the turn; raises what the consumer raised
    assert closed["code"] == RESUME
    assert await Message.objects.filter(text="yesterday").aexists()
    assert connection.output_queue.empty()


async def test_a_new_socket_is_closed_with_4499_while_the_server_drains(case_and_key: tuple[str, str]) -> None:
    await hub().drain(0.0)
    connection = await connected(*case_and_key)
    assert (await rest(connection))[-1]["code"] == RESUME
    await connection.disconnect(timeout=PATIENCE)
