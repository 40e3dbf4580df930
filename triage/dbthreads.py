"""SQL from asynchronous edges.

Outside Django's own handler a plain `database_sync_to_async` runs all SQL of a process in one thread, and opens and
closes a connection in each call, which costs more than most reads. Edges there share this helper: a bounded number
of threads, each with a connection that it keeps. However many streams are open, they pin none.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast

from channels.db import database_sync_to_async
from django.db import Error, connection

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 2  # more take turns at Python's lock and finish later
ENTRY_THREADS = 1 if connection.vendor == "sqlite" else 2  # SQLite asks for that lock at each row, and waits for nobody
TURN_THREADS = 4
MAX_AGE = 60.0  # seconds that a connection is kept, so that a database that moved is followed
_reads = ThreadPoolExecutor(THREADS, thread_name_prefix="triage-db")
_entries = ThreadPoolExecutor(ENTRY_THREADS, thread_name_prefix="triage-entry")
_turns = ThreadPoolExecutor(TURN_THREADS, thread_name_prefix="triage-turn")


async def in_db_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """For short reads: streams of everybody wait for these threads."""
    return await _in_kept_thread(_reads, partial(function, *args, **kwargs))


async def in_entry_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """For letting people in: when a thousand come at once, those who are in need not wait for them."""
    return await _in_kept_thread(_entries, partial(function, *args, **kwargs))


async def in_turn_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """For verbs, which may wait for a lock or for Redis, and must not make streams wait with them."""
    call: Any = database_sync_to_async(function, thread_sensitive=False, executor=_turns)
    return cast(T, await call(*args, **kwargs))


async def _in_kept_thread(threads: ThreadPoolExecutor, function: Callable[[], T]) -> T:
    call = partial(copy_context().run, _kept.call, function)
    return cast(T, await asyncio.get_running_loop().run_in_executor(threads, call))


class _Kept(threading.local):
    """This thread's connection: since when it is open, and how many outages the process had seen by then."""

    outages = 0  # of the class: all threads
    since = 0.0
    seen = 0

    def call(self, function: Callable[[], T]) -> T:
        now, is_pooled = time.monotonic(), "pool" in connection.settings_dict["OPTIONS"]
        if connection.connection is None or now - self.since > MAX_AGE or self.seen != _Kept.outages:
            connection.close()
            self.since, self.seen = now, _Kept.outages
        try:
            return function()
        except Error:  # perhaps the server is gone, and with it the connections of all threads
            _Kept.outages += 1
            if is_pooled:
                cast(Any, connection).pool.check()  # or each that lies there costs somebody a call
            raise
        finally:
            if self.seen != _Kept.outages or is_pooled:
                connection.close()  # to the pool, where others wait for it


_kept = _Kept()


def close_kept_connections() -> None:
    """Of threads that are at rest; for a test database that is about to be dropped."""
    for threads, number in ((_reads, THREADS), (_entries, ENTRY_THREADS)):
        meeting = threading.Barrier(number)  # one call for each thread
        for closing in [threads.submit(_close_and_meet, meeting) for _ in range(number)]:
            closing.result()


def _close_and_meet(meeting: threading.Barrier) -> None:
    connection.close()
    meeting.wait(5.0)
