"""A graceful end.

A server stops listening at SIGTERM and waits for open responses, which a stream would make it do until its patience
ends; and Django has no lifespan event that would come before that. So the first request puts a handler in front of
the server's own. It sends the streams away in batches, while the server still listens: `/readyz` tells the balancer to
look elsewhere, new streams are refused, everything else is served as ever. Only then does the server hear of it.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from types import FrameType
from typing import Any

from django.conf import settings

from triage.hub import hub

_installed = False


def drain_on_sigterm() -> None:
    """Once per process, from its main thread; elsewhere, and without a handler to go in front of, nothing."""
    global _installed  # noqa: PLW0603 - the process has one SIGTERM handler
    if _installed or threading.current_thread() is not threading.main_thread():
        return
    _installed = True
    before: Any = signal.getsignal(signal.SIGTERM)
    if not callable(before):
        return
    loop = asyncio.get_running_loop()
    draining: set[asyncio.Task[None]] = set()  # a task that nobody refers to may vanish

    async def drain_and_stop(number: int, frame: FrameType | None) -> None:
        try:
            await hub().drain(settings.DRAIN_SECONDS)
        finally:
            before(number, frame)

    def on_sigterm(number: int, frame: FrameType | None) -> None:
        if draining:  # who asks twice does not want to wait
            before(number, frame)
        else:
            loop.call_soon_threadsafe(lambda: draining.add(loop.create_task(drain_and_stop(number, frame))))

    signal.signal(signal.SIGTERM, on_sigterm)
