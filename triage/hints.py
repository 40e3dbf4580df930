"""Listening to the hints of all processes: a subscription that knows when it is deaf and renews itself.

Neither Redis client nor channel layer says that a subscription was lost, so it talks to itself: a probe that does
not come back means that hints do not either.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from channels.layers import get_channel_layer

from triage.broadcast import GROUP

log = structlog.get_logger(__name__)

PROBE = 10.0  # seconds between probes
PATIENCE = 3.0  # seconds that a probe may take
RENEWAL = 1.0  # seconds between tries while Redis is away
FAREWELL = 1.0  # seconds


class Deaf(Exception):
    """The subscription is open and nothing comes through it."""


@dataclass(slots=True)
class Hints:
    """`heard` is called with each hint as `broadcast` sent it."""

    heard: Callable[[dict[str, Any]], None]
    times_deaf: int = 0
    _echo: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """For ever: subscribe, and subscribe anew whenever that fails."""
        while True:
            try:
                await self._subscribed()
            except Exception as error:
                log.warning("hints_unavailable", error=repr(error))
                await _forget_connections()
                await asyncio.sleep(RENEWAL)

    async def _subscribed(self) -> None:
        layer: Any = get_channel_layer()
        # To its end even when we are cancelled meanwhile: only who knows the channel can leave it, and the Redis
        # client may swallow a cancellation that comes while it connects.
        joining = asyncio.ensure_future(_join(layer))
        try:
            channel = await asyncio.shield(joining)
        except asyncio.CancelledError:
            joining.add_done_callback(lambda joined: _leave_later(layer, joined))
            raise
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hear(layer, channel))
                group.create_task(self._probe(layer, channel))
        finally:
            with contextlib.suppress(Exception):
                await _leave(layer, channel)

    async def _hear(self, layer: Any, channel: str) -> None:
        while True:
            hint = await layer.receive(channel)
            if hint["type"] == "probe":
                self._echo.set()
            else:
                self.heard(hint)

    async def _probe(self, layer: Any, channel: str) -> None:
        """Raises Deaf."""
        while True:
            await asyncio.sleep(PROBE)
            self._echo.clear()
            try:
                async with asyncio.timeout(PATIENCE):
                    await layer.send(channel, {"type": "probe"})
                    await self._echo.wait()
            except TimeoutError as error:
                self.times_deaf += 1
                raise Deaf from error


async def _forget_connections() -> None:
    """Drop the layer's connections of this loop, which may be half open; the next subscription makes new ones."""
    layer: Any = get_channel_layer()
    with contextlib.suppress(Exception):
        async with asyncio.timeout(FAREWELL):
            await layer.flush()


async def _join(layer: Any) -> str:
    channel: str = await layer.new_channel()
    await layer.group_add(GROUP, channel)
    return channel


async def _leave(layer: Any, channel: str) -> None:
    """The group, and the channel itself: the layer drops one only when somebody who receives on it is cancelled."""
    await layer.group_discard(GROUP, channel)
    inner = layer._get_layer()
    if inner.channels.pop(channel, None) is not None:
        await inner._get_shard(channel).unsubscribe(channel)


def _leave_later(layer: Any, joined: asyncio.Task[str]) -> None:
    if not joined.cancelled() and joined.exception() is None:
        leaving = asyncio.ensure_future(_leave(layer, joined.result()))
        _leaving.add(leaving)
        leaving.add_done_callback(_leaving.discard)


_leaving: set[asyncio.Task[None]] = set()
"""A task that nobody refers to may vanish."""
