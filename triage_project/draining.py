"""A graceful end under uvicorn.

On SIGTERM uvicorn stops listening and waits for open responses, which a stream would make it do until its
patience ends; and Django has no lifespan event that would come before that wait. So the first request puts a
handler in front of the server's own, which sends the streams away in batches. Under Daphne, which drops
connections at once, clients resume.
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

    def on_sigterm(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(lambda: draining.add(loop.create_task(hub().drain(settings.DRAIN_SECONDS))))
        before(number, frame)

    signal.signal(signal.SIGTERM, on_sigterm)
