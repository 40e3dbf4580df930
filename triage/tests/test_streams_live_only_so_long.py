"""A connection that lived its time is closed, and its client goes on behind what it saw."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
import websockets

from triage.dbthreads import in_db_thread
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.tests.stream_client import Transport, everything_arrives, keys_of_staff, watching
from triage.tests.web_process import IMPATIENT, WebProcess, running_web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream]

RESUME = 4499


@pytest.fixture(scope="module")
def hasty(django_db_setup: None) -> Iterator[WebProcess]:
    with running_web({**IMPATIENT, "stream.LIFETIME": [0.6, 1.2]}) as server:
        yield server


@pytest.mark.parametrize("transport", ["sse", "websocket"])
async def test_nothing_is_lost_or_doubled_however_often_it_closes(transport: Transport, hasty: WebProcess) -> None:
    case = await in_db_thread(make_case)
    async with watching(hasty.port, [case.pk], transports=[transport]) as clients, asyncio.timeout(60):
        while any(client.connections < 4 for client in clients):
            await in_db_thread(write, case.pk, 3)
            await everything_arrives(clients)


@pytest.mark.parametrize("follows", [True, False], ids=["follows", "only stays open"])
async def test_a_websocket_is_told_to_come_back(follows: bool, hasty: WebProcess) -> None:
    case = await in_db_thread(make_case)
    (key,) = await in_db_thread(keys_of_staff, 1)
    url = f"ws://127.0.0.1:{hasty.port}/ws/triage/{case.pk}/"
    async with websockets.connect(url, additional_headers={"Authorization": f"Bearer {key}"}, proxy=None) as socket:
        if follows:
            await socket.send(json.dumps({"type": "follow", "after": 0}))
        with pytest.raises(websockets.ConnectionClosed) as closed:
            async with asyncio.timeout(20):
                while True:
                    await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == RESUME
