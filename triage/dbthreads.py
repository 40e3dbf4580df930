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
_executor = ThreadPoolExecutor(THREADS, thread_name_prefix="triage-db")


async def in_db_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    call: Any = database_sync_to_async(function, thread_sensitive=False, executor=_executor)
    return cast(T, await call(*args, **kwargs))
