"""A versioned, opaque working document per conversation, in Redis through Django's cache.

It only saves work: the rows know everything, so a document that is absent, damaged, foreign or of another
version is thrown away and the caller folds the rows again. No other module knows these keys, the format
or the time to live. A body is a JSON object; what is in it is the caller's business.

`INDEX` is a sorted set of conversation ids by expiry (Unix seconds), so that counting needs no KEYS or
SCAN. Reading does not touch it: its times may be too early, never too late, and the sweep asks for the
true time to live before it calls a document expired.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import time
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache as default_cache
from django_redis.cache import RedisCache
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from conversations.errors import MemoryUnavailable

FORMAT = 1
DOCUMENT = "conversation:"  # and the conversation's id
INDEX = "conversations:expiry"
EXPIRED = "conversations:expired"
SWEEP_BATCH = 1000  # Redis serves nobody else while it sweeps one batch

# One atomic step, by the server's own clock: a conversation that is remembered again at this very moment
# is neither counted as expired nor dropped from the index.
SWEEP = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])
local expired = 0
for _, id in ipairs(due) do
  local left = redis.call('PTTL', ARGV[1] .. id)
  if left > 0 then
    redis.call('ZADD', KEYS[1], now + left / 1000, id)
  else
    expired = expired + redis.call('ZREM', KEYS[1], id)
  end
end
if expired > 0 then redis.call('INCRBY', KEYS[2], expired) end
return {#due, expired}
"""

T = TypeVar("T")
cache: RedisCache = default_cache  # for the type checker: there is no other kind here


@dataclass(frozen=True)
class MemoryStatistics:
    active: int
    expired_total: int  # since Redis was last empty


def recall(conversation_id: str, version: int) -> dict[str, Any] | None:
    """The body remembered for exactly this version, its time to live begun anew; else None."""
    with _redis_errors():
        try:
            raw = _redis().getex(_key(conversation_id), ex=settings.CONVERSATION_TTL)
        except ResponseError as error:
            if not _is_wrong_type(error):
                raise
        else:
            if raw is None:
                return None
            body = _body(raw, version)
            if body is not None:
                return body
    forget(conversation_id)
    return None


def remember(conversation_id: str, version: int, body: dict[str, Any]) -> None:
    now = time()
    document = {"format": FORMAT, "version": version, "at": now, "body": body}
    ttl: int = settings.CONVERSATION_TTL

    def write() -> None:
        pipeline = _redis().pipeline(transaction=False)
        cache.client.set(DOCUMENT + conversation_id, document, timeout=ttl, client=pipeline)
        pipeline.zadd(cache.make_key(INDEX), {conversation_id: now + ttl})
        pipeline.execute()

    with _redis_errors():
        _with_sound_books(write)


def forget(conversation_id: str) -> None:
    def drop() -> None:
        pipeline = _redis().pipeline(transaction=False)
        pipeline.delete(_key(conversation_id))
        pipeline.zrem(cache.make_key(INDEX), conversation_id)
        pipeline.execute()

    with _redis_errors():
        _with_sound_books(drop)


def sweep_expired() -> int:
    """Drop from the index what expired, add it to the total, and tell how many these were."""

    def sweep() -> tuple[int, int]:
        books = [cache.make_key(INDEX), cache.make_key(EXPIRED)]
        due, gone = _redis().eval(SWEEP, len(books), *books, _key(""), SWEEP_BATCH)
        return due, gone

    expired = 0
    with _redis_errors():
        while True:
            due, gone = _with_sound_books(sweep)
            expired += gone
            if due < SWEEP_BATCH:
                return expired


def statistics() -> MemoryStatistics:
    """Sweeps first, so that what is counted as active is."""

    def count() -> list[Any]:
        pipeline = _redis().pipeline(transaction=False)
        pipeline.zcard(cache.make_key(INDEX))
        pipeline.incrby(cache.make_key(EXPIRED), 0)  # unlike GET, this tells when it is no number
        return list(pipeline.execute())

    sweep_expired()
    with _redis_errors():
        active, expired = _with_sound_books(count)
    return MemoryStatistics(active=active, expired_total=expired)


def _body(raw: bytes | str, version: int) -> dict[str, Any] | None:
    try:
        document = cache.client.decode(raw)
    except (ValueError, RecursionError):
        return None
    match document:
        case {"format": int(form), "version": int(found), "body": dict(body)} if (form, found) == (FORMAT, version):
            return body
    return None


def _with_sound_books(work: Callable[[], T]) -> T:
    """Index and total are only bookkeeping: when something else stands in their place they begin anew."""
    try:
        return work()
    except ResponseError as error:
        if not _is_wrong_type(error):
            raise
        _redis().delete(cache.make_key(INDEX), cache.make_key(EXPIRED))
        return work()


def _is_wrong_type(error: ResponseError) -> bool:
    return "WRONGTYPE" in str(error) or "not an integer" in str(error)


@contextmanager
def _redis_errors() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise MemoryUnavailable(f"Redis does not answer: {type(error).__name__}") from error


def _redis() -> Redis:
    client: Redis = cache.client.get_client(write=True)
    return client


def _key(conversation_id: str) -> str:
    return str(cache.make_key(DOCUMENT + conversation_id))
