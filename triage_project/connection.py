"""The sending side of an ASGI connection on which a stream lives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from types import coroutine
from typing import Any

from triage import stream

CHECK = 1.0  # seconds between looks at sends that take long


class Connection:
    """Sends chunks in their order, from the stream's own task (`send`) or at once from anywhere in its loop (`take`).

    To wake a task for a chunk costs as much as to send it. A server's `send` has nothing to wait for unless the client
    reads slowly, so `take` runs it up to its first wait, which mostly does not come.
    """

    def __init__(self, send: Callable[[Any], Any], patience: Patience) -> None:
        self._send, self._patience = send, patience
        self._task: Any = asyncio.current_task()
        self._rest: asyncio.Task[None] | None = None
        self.is_lost = False

    def take(self, chunk: bytes) -> bool:
        """False: an earlier chunk still waits for the client, or the client went, which `send` will find out."""
        if self._rest is not None:
            return False
        sending = self._send({"type": "http.response.body", "body": chunk, "more_body": True}).__await__()
        try:
            awaited = next(sending)
        except StopIteration:
            return True
        except Exception:  # whatever it is, it is this stream's own trouble, not that of who pushes to all
            return False
        self._rest = asyncio.ensure_future(_finish(sending, awaited))
        self._rest.add_done_callback(self._finished)
        self._patience.begin(self)
        return True

    async def send(self, chunk: bytes) -> None:
        """Raises what the server raises for a client that went."""
        await self._send_in_turn({"type": "http.response.body", "body": chunk, "more_body": True})

    async def finish(self) -> None:
        """Nothing more will come."""
        await self._send_in_turn({"type": "http.response.body"})

    async def _send_in_turn(self, message: dict[str, Any]) -> None:
        if self._rest is not None:
            await self._rest
        self._patience.begin(self)
        await self._send(message)
        self._patience.end(self)

    def _finished(self, rest: asyncio.Task[None]) -> None:
        self._rest = None
        self._patience.end(self)
        if not rest.cancelled() and rest.exception() is not None:
            self.is_lost = True
            self._task.cancel()

    def give_up(self) -> None:
        self.is_lost = True
        if self._rest is not None:
            self._rest.cancel()
        self._task.cancel()


@coroutine
def _finish(sending: Generator[Any, None, None], awaited: Any) -> Generator[Any, None, None]:
    """Go on with what was begun outside a task: as `await`, but from its first wait on."""
    try:
        yield awaited
    except BaseException:
        sending.close()
        raise
    yield from sending


class Patience:
    """With clients that read slowly: one look every second at all sends under way, as a timer for each costs too much.

    A client that accepts nothing for SEND_PATIENCE is let go; it may resume from its cursor.
    """

    def __init__(self) -> None:
        self._since: dict[Connection, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        self._since[connection] = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(CHECK, self._look, loop)

    def end(self, connection: Connection) -> None:
        self._since.pop(connection, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        latest = loop.time() - stream.SEND_PATIENCE
        for connection in [one for one, since in self._since.items() if since < latest]:
            self.end(connection)
            connection.give_up()
        self._timer = loop.call_later(CHECK, self._look, loop) if self._since else None
