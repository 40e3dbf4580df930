"""A small client that resumes, over SSE or WebSocket, and remembers every frame that it was given.

It never sorts and never drops a duplicate: what it remembers is what the server sent.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any, Literal

import httpx
import websockets
from django.contrib.auth.models import Permission, User

from triage.access import create_api_key
from triage.dbthreads import in_db_thread
from triage.tests.log_writer import seqs_in_log

Transport = Literal["sse", "websocket"]
BOTH: tuple[Transport, ...] = ("sse", "websocket")
RETRY = 0.1  # seconds
STREAMS_PER_KEY = 4  # half of what one person may open, so that streams which the server still believes in fit too
UNSTORED = frozenset({"stream_reset", "stream_end", "error"})


@dataclass(eq=False, slots=True)
class StreamClient:
    """`silence`: seconds without any byte after which it takes the connection for dead, and comes anew."""

    port: int
    case_id: str
    key: str
    transport: Transport
    http: httpx.AsyncClient
    silence: float = 20.0
    after: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    heartbeats: int = 0
    connections: int = 0
    resets: int = 0
    is_over: bool = False

    @property
    def cursor(self) -> int:
        return self.seqs[-1] if self.events else self.after

    @property
    def seqs(self) -> list[int]:
        return [event["seq"] for event in self.events]

    async def run(self) -> None:
        """Until the case is over; otherwise until cancelled."""
        read = self._read_sse if self.transport == "sse" else self._read_websocket
        while not self.is_over:
            with suppress(httpx.HTTPError, websockets.WebSocketException, OSError, TimeoutError, EOFError):
                await read()
            if not self.is_over:
                await asyncio.sleep(RETRY)

    async def _read_sse(self) -> None:
        headers = {"Authorization": f"Bearer {self.key}", "Last-Event-ID": str(self.cursor)}
        url = f"http://127.0.0.1:{self.port}/api/v2/triage/stream/{self.case_id}"
        async with self.http.stream("GET", url, headers=headers, timeout=self.silence) as response:
            if response.status_code == 204:
                self.is_over = True
            if response.status_code != 200:
                return
            self.connections += 1
            lines: list[str] = []
            async for line in response.aiter_lines():
                if line:
                    lines.append(line)
                    continue
                self._take_sse(lines)
                lines = []

    def _take_sse(self, lines: list[str]) -> None:
        """A frame counts when it is whole: what precedes a cut is thrown away."""
        if lines == [": heartbeat"]:
            self.heartbeats += 1
        for line in lines:
            if line.startswith("data: "):
                self._take(json.loads(line.removeprefix("data: ")))

    async def _read_websocket(self) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        url = f"ws://127.0.0.1:{self.port}/ws/triage/{self.case_id}/"
        async with websockets.connect(
            url,
            additional_headers=headers,
            open_timeout=self.silence,
            close_timeout=0.1,
            ping_interval=None,
            proxy=None,
        ) as socket:
            await socket.send(json.dumps({"type": "follow", "after": self.cursor}))
            self.connections += 1
            while True:
                async with asyncio.timeout(self.silence):
                    text = await socket.recv()
                self._take(json.loads(text))

    def _take(self, body: dict[str, Any]) -> None:
        if body["type"] == "stream_reset":
            self.resets += 1
        elif body["type"] == "stream_end":
            self.is_over = True
        elif body["type"] not in UNSTORED:
            self.events.append(body)


def keys_of_staff(count: int) -> list[str]:
    """API keys of as many people who may see every case."""
    may_view = Permission.objects.get(content_type__app_label="triage", codename="view_case")
    made = []
    for number in range(count):
        user = User.objects.create_user(f"staff{User.objects.count()}_{number}", is_staff=True)
        user.user_permissions.add(may_view)
        made.append(create_api_key(user))
    return made


@asynccontextmanager
async def watching(
    port: int,
    case_ids: Sequence[str],
    *,
    count: int = 2,
    transports: Sequence[Transport] = BOTH,
    silence: float = 20.0,
    after: int = 0,
) -> AsyncIterator[list[StreamClient]]:
    """`count` clients that run, spread over cases and transports."""
    keys = await in_db_thread(keys_of_staff, -(-count // STREAMS_PER_KEY))
    places = islice(cycle((case_id, transport) for case_id in case_ids for transport in transports), count)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as http:
        clients = [
            StreamClient(port, case_id, keys[number // STREAMS_PER_KEY], transport, http, silence, after)
            for number, (case_id, transport) in enumerate(places)
        ]
        tasks = [asyncio.create_task(client.run()) for client in clients]
        try:
            yield clients
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what happens in another process sets no event here
            await asyncio.sleep(0.01)


async def everything_arrives(clients: Sequence[StreamClient], seconds: float = 30.0) -> None:
    """Each client has what the log has: every event, once, in order, without a hole."""
    log = {case_id: await in_db_thread(seqs_in_log, case_id) for case_id in {client.case_id for client in clients}}
    try:
        await until(lambda: all(client.cursor >= log[client.case_id][-1] for client in clients), seconds)
    finally:
        for client in clients:
            due = log[client.case_id]
            assert client.seqs == due == list(range(1, len(due) + 1)), client.transport
            assert client.resets == 0
