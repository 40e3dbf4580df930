"""SQL from asynchronous edges.

Outside Django's own handler a plain `database_sync_to_async` runs all SQL of a process in one thread. Edges
there share this helper: a bounded number of threads, each call with a connection that is
closed (or given back to the pool) before the call returns, so that an open stream pins none.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar, cast

from channels.db import database_sync_to_async

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 6
TURN_THREADS = 4
_reads = ThreadPoolExecutor(THREADS, thread_name_prefix="triage-db")
_turns = ThreadPoolExecutor(TURN_THREADS, thread_name_prefix="triage-turn")


async def in_db_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """For short reads: streams of everybody wait for these threads."""
    call: Any = database_sync_to_async(function, thread_sensitive=False, executor=_reads)
    return cast(T, await call(*args, **kwargs))


async def in_turn_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """For verbs, which may wait for a lock or for Redis, and must not make streams wait with them."""
    call: Any = database_sync_to_async(function, thread_sensitive=False, executor=_turns)
    return cast(T, await call(*args, **kwargs))
