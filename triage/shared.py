"""Small states that all processes decide on together: frozen dataclasses, kept in Redis.

A decision is a pure function of state and time; Redis takes its result only if nobody else changed the state
meanwhile, else it is made again. The time is Redis' own, so that processes' clocks do not matter. While Redis is
away each process goes on with states of its own, and begins with fresh ones.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from django.core.cache import cache as default_cache
from django_redis.cache import RedisCache
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

log = structlog.get_logger(__name__)

KEPT = 24 * 3600  # seconds that Redis keeps what nobody changes

S = TypeVar("S", bound="DataclassInstance")
T = TypeVar("T")

cache: RedisCache = default_cache  # for the type checker: there is no other kind here
_local: dict[str, Any] = {}
_lock = threading.Lock()


def change(key: str, kind: type[S], decide: Callable[[S, float], tuple[S, T]]) -> T:
    """Put what `decide(state, now)` makes of the state in its place; returns its answer. `now`: Unix seconds."""
    try:
        return _change_shared(key, kind, decide)
    except RedisError as error:
        log.warning("shared_state_away", key=key, error=type(error).__name__)
    with _lock:
        _local[key], answer = decide(_local.get(key, kind()), time.time())
        return answer


def read(key: str, kind: type[S]) -> tuple[S, float]:
    """The state, and the time that it counts by."""
    try:
        client = _redis()
        return _decoded(client.get(cache.make_key(key)), kind), _now(client)
    except RedisError:
        return _local.get(key, kind()), time.time()


def _change_shared(key: str, kind: type[S], decide: Callable[[S, float], tuple[S, T]]) -> T:
    name = cache.make_key(key)
    answers: list[T] = []

    def transact(pipe: Pipeline) -> None:
        before = _decoded(pipe.get(name), kind)
        after, answer = decide(before, _now(pipe))
        pipe.multi()
        if after != before:
            pipe.set(name, json.dumps(asdict(after)), ex=KEPT)
        answers.append(answer)

    _redis().transaction(transact, name)
    return answers[-1]


def _decoded(raw: Any, kind: type[S]) -> S:
    """What cannot be read is as good as nothing."""
    try:
        return kind(**json.loads(raw)) if raw else kind()
    except (ValueError, TypeError):
        return kind()


def _now(client: Redis) -> float:
    seconds, microseconds = client.time()
    return float(seconds) + microseconds / 1_000_000


def _redis() -> Redis:
    client: Redis = cache.client.get_client(write=True)
    return client
