"""The network between client and server, as it is on a bad day: it cuts, stalls and forgets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

CHUNK = 4096


@dataclass(eq=False, slots=True)
class _Link:
    """Both ends of one connection, and the tasks that carry bytes between them."""

    ends: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def abort(self) -> None:
        for task in self.tasks:
            task.cancel()
        for end in self.ends:
            end.transport.abort()


class TcpProxy:
    """`lengths`: after how many bytes from the server each next connection is cut; then they live on."""

    def __init__(self, target_port: int, lengths: Iterable[int] = ()) -> None:
        self._target_port, self._lengths = target_port, iter(lengths)
        self._links: set[_Link] = set()
        self._forgotten: set[_Link] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.opened = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.cut()
        for link in self._forgotten:
            link.abort()

    def cut(self) -> None:
        """Both ends of every connection are told that it is gone."""
        while self._links:
            self._links.pop().abort()

    def stall(self) -> None:
        """Connections are open, also new ones, and no byte moves until `flow`."""
        self._flowing.clear()

    def flow(self) -> None:
        self._flowing.set()

    def half_open(self) -> None:
        """What is open now stays open at both ends for ever, whatever either does; new connections are well."""
        for link in self._links:
            for task in link.tasks:
                task.cancel()
        self._forgotten |= self._links
        self._links.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.transport.abort()
            return
        self.opened += 1
        link = _Link((writer, far_writer))
        self._links.add(link)
        length = next(self._lengths, None)
        link.tasks = [
            asyncio.create_task(self._carry(link, reader, far_writer, None)),
            asyncio.create_task(self._carry(link, far_reader, writer, length)),
        ]

    async def _carry(
        self, link: _Link, source: asyncio.StreamReader, to: asyncio.StreamWriter, length: int | None
    ) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK if length is None else min(CHUNK, length)):
                await self._flowing.wait()
                to.write(data)
                await to.drain()
                if length is not None:
                    length -= len(data)
                    if not length:
                        break
        self._links.discard(link)
        for end in link.ends:
            end.close()
