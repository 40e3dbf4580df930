"""Which workers there are: each leaves a hash in Redis with its heartbeat, which ends by itself when the worker does.

Memory is in MB, resident, from /proc; elsewhere than on Linux it is not known.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.cache import cache as default_cache
from django_redis.cache import RedisCache
from redis import Redis

LIVES = 15  # seconds that a worker counts as present after its last heartbeat
LISTED = 3600  # seconds for which a name stays in the list of those to be looked up
PROC = Path("/proc")
MEGABYTE = 1024 * 1024

cache: RedisCache = default_cache  # for the type checker: there is no other kind here


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    memory_mb: int | None


@dataclass(frozen=True, slots=True)
class Presence:
    """`name` ends the names under which the worker's processes claim runs."""

    name: str
    node: str
    queues: list[str]
    main: Process
    children: list[Process]
    started_at: datetime


def report(*, name: str, node: str, queues: Collection[str], started_at: float) -> None:
    """This process is a worker's main process, and alive. Raises RedisError."""
    main = os.getpid()
    found: dict[Any, Any] = {
        "node": node,
        "queues": json.dumps(sorted(queues)),
        "main": json.dumps([main, resident(main)]),
        "children": json.dumps([[pid, resident(pid)] for pid in children_of(main)]),
        "started_at": started_at,
    }
    now = time.time()
    with _redis().pipeline() as pipe:
        pipe.hset(_key(name), mapping=found)
        pipe.expire(_key(name), LIVES)
        pipe.zadd(_names(), {name: now})
        pipe.zremrangebyscore(_names(), 0, now - LISTED)
        pipe.execute()


def withdraw(name: str) -> None:
    """The worker ends. Raises RedisError."""
    _redis().delete(_key(name))


def present() -> list[Presence]:
    """The workers that gave a sign lately, by node. Raises RedisError."""
    client = _redis()
    listed: Any = client.zrange(_names(), 0, -1)
    names = sorted(raw.decode() for raw in listed)
    with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hgetall(_key(name))
        hashes = pipe.execute()
    found = [_presence(name, fields) for name, fields in zip(names, hashes, strict=True) if fields]
    return sorted(found, key=lambda one: (one.node, one.started_at))


def children_of(pid: int) -> list[int]:
    found: list[int] = []
    for thread in (PROC / str(pid) / "task").glob("*/children"):
        try:
            found += map(int, thread.read_text().split())
        except OSError:  # it ended
            continue
    return sorted(found)


def resident(pid: int) -> int | None:
    try:
        pages = int((PROC / str(pid) / "statm").read_text().split()[1])
    except OSError:
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE)


def _presence(name: str, fields: dict[bytes, bytes]) -> Presence:
    told: dict[str, Any] = {key.decode(): value.decode() for key, value in fields.items()}
    return Presence(
        name=name,
        node=told["node"],
        queues=json.loads(told["queues"]),
        main=Process(*json.loads(told["main"])),
        children=[Process(*child) for child in json.loads(told["children"])],
        started_at=datetime.fromtimestamp(float(told["started_at"]), UTC),
    )


def _key(name: str) -> str:
    return str(cache.make_key(f"worker:{name}"))


def _names() -> str:
    return str(cache.make_key("workers"))


def _redis() -> Redis:
    client: Redis = cache.client.get_client(write=True)
    return client
