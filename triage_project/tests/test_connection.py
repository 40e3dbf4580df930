"""Sending a stream's chunks: at once where the client keeps up, in order where it does not, and not for ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from triage import stream
from triage_project import connection as connection_module
from triage_project.connection import Connection, Patience


class Client:
    """The server's side of a client that sometimes does not read."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.is_gone = False

    async def send(self, message: dict[str, Any]) -> None:
        if not self.reads.is_set():
            await self.reads.wait()
        if self.is_gone:
            raise OSError("gone")
        self.received.append(message["body"])


async def test_a_client_that_reads_gets_a_chunk_before_anything_else_runs() -> None:
    client = Client()
    connection = Connection(client.send, Patience())
    assert connection.take(b"1")
    assert client.received == [b"1"]


async def test_a_chunk_that_waits_for_the_client_is_sent_later_and_keeps_its_place() -> None:
    client = Client()
    connection = Connection(client.send, Patience())
    client.reads.clear()
    assert connection.take(b"1")
    assert not connection.take(b"2")
    second = asyncio.create_task(connection.send(b"2"))
    await asyncio.sleep(0)
    assert client.received == []
    client.reads.set()
    await second
    assert client.received == [b"1", b"2"]
    assert connection.take(b"3")
    assert client.received[-1] == b"3"


async def test_a_client_that_went_is_left_for_the_streams_own_task_to_find() -> None:
    client = Client()
    connection = Connection(client.send, Patience())
    client.is_gone = True
    assert not connection.take(b"1")
    with pytest.raises(OSError, match="gone"):
        await connection.send(b"1")


async def test_whatever_a_server_raises_stays_with_its_own_stream() -> None:
    async def refuse(message: dict[str, Any]) -> None:
        raise RuntimeError("Unexpected ASGI message")

    assert not Connection(refuse, Patience()).take(b"1")


@pytest.mark.parametrize("at_once", [True, False])
async def test_who_accepts_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch, *, at_once: bool) -> None:
    monkeypatch.setattr(stream, "SEND_PATIENCE", 0.05)
    monkeypatch.setattr(connection_module, "CHECK", 0.02)
    client = Client()
    client.reads.clear()
    patience = Patience()
    made: list[Connection] = []

    async def live() -> None:
        made.append(Connection(client.send, patience))
        if at_once:
            made[0].take(b"1")
            await asyncio.Event().wait()
        await made[0].send(b"1")

    async with asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await asyncio.create_task(live())
    assert made[0].is_lost
    client.reads.set()
    await asyncio.sleep(0)
    assert client.received == []
