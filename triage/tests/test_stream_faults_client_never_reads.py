"""Clients that open a stream and never read it: the server keeps no more for them than a queue, and lets them go."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import websockets
from django.conf import settings

from triage.dbthreads import in_db_thread
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.tests.stream_client import Transport, everything_arrives, keys_of_staff, until, watching
from triage.tests.web_process import SOAK, WebProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream, pytest.mark.fault]

BATCHES, BATCH, SIZE = 40, 20, 32 * 1024
BOUND = 30 << 20
"""Bytes that the server may grow by, while the events of all streams together are many times that."""
CUT = 90.0  # seconds; some more than a connection may have unread bytes
LET_GO = 30.0 if SOAK else 10.0  # seconds; some more than the patience with one frame


def small_buffer(port: int) -> socket.socket:
    """The kernel takes little for a client that reads nothing."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect(("127.0.0.1", port))
    return made


async def open_sse(port: int, case_id: str, key: str, after: int) -> socket.socket:
    """Returns once the server has answered; nothing after the first bytes is read."""
    made = small_buffer(port)
    made.setblocking(False)
    loop = asyncio.get_running_loop()
    path = f"/api/v2/triage/stream/{case_id}?after={after}"
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n"
    await loop.sock_sendall(made, request.encode())
    assert (await loop.sock_recv(made, 15)).startswith(b"HTTP/1.1 200")
    return made


async def open_websocket(port: int, case_id: str, key: str, after: int) -> websockets.ClientConnection:
    made = await websockets.connect(
        f"ws://127.0.0.1:{port}/ws/triage/{case_id}/",
        sock=small_buffer(port),
        additional_headers={"Authorization": f"Bearer {key}"},
        ping_interval=None,
        close_timeout=0.1,
        compression=None,  # or the kernel's buffers hold all of it
    )
    await made.send("{}")
    assert json.loads(await made.recv())["type"] == "error"  # so it was let in; accepted it is before it is counted
    made.transport.pause_reading()
    await made.send(json.dumps({"type": "follow", "after": after}))
    return made


@asynccontextmanager
async def deaf_streams(transport: Transport, port: int, case_id: str, key: str, after: int) -> AsyncIterator[None]:
    """As many as one person may have, with nothing to read yet."""
    if transport == "sse":
        sockets = [await open_sse(port, case_id, key, after) for _ in range(settings.STREAMS_PER_ACTOR)]
        yield
        for one in sockets:
            one.close()
    else:
        connections = [await open_websocket(port, case_id, key, after) for _ in range(settings.STREAMS_PER_ACTOR)]
        yield
        for connection in connections:
            connection.transport.abort()


async def has_place(transport: Transport, port: int, case_id: str, key: str) -> bool:
    """Whether somebody may open one more stream now."""
    headers = {"Authorization": f"Bearer {key}"}
    if transport == "sse":
        url = f"http://127.0.0.1:{port}/api/v2/triage/stream/{case_id}"
        async with httpx.AsyncClient(trust_env=False) as http, http.stream("GET", url, headers=headers) as response:
            return response.status_code == 200
    async with websockets.connect(
        f"ws://127.0.0.1:{port}/ws/triage/{case_id}/", additional_headers=headers, proxy=None, close_timeout=1
    ) as connection:
        try:
            await connection.send(json.dumps({"type": "follow", "after": 0}))
            await connection.recv()
        except websockets.ConnectionClosed:
            return False
        return True


@pytest.mark.parametrize("transport", ["sse", "websocket"])
async def test_memory_stays_flat_and_the_place_is_free_again(transport: Transport, web: WebProcess) -> None:
    case = await in_db_thread(make_case)
    (key,) = await in_db_thread(keys_of_staff, 1)
    async with watching(web.port, [case.pk]) as readers:
        last = await in_db_thread(write, case.pk, BATCH, padding=SIZE)
        await everything_arrives(readers)  # so that the memory that healthy streams need is there already
        before, highest, sockets = web.resident(), 0, web.sockets()
        async with deaf_streams(transport, web.port, case.pk, key, last):
            assert not await has_place(transport, web.port, case.pk, key)
            for _ in range(BATCHES):
                await in_db_thread(write, case.pk, BATCH, padding=SIZE)
                await everything_arrives(readers)
                highest = max(highest, web.resident())
            async with asyncio.timeout(LET_GO):
                while not await has_place(transport, web.port, case.pk, key):
                    highest = max(highest, web.resident())
            await until(lambda: web.sockets() <= sockets, CUT)  # though they still hold their ends
    assert highest - before < BOUND, f"grew by {(highest - before) >> 20} MiB"
