"""Redis paused, stopped or refusing: an answer in time, and always the same error."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.conf import settings as configured
from pytest_django import Settings

from conversations import memory
from conversations.errors import MemoryUnavailable
from conversations.memory import cache
from triage_project.addresses import cache_url
from triage_project.tests.faulty_valkey import FaultyValkey

pytestmark = pytest.mark.fault

OPERATIONS: list[Callable[[], object]] = [
    lambda: memory.recall("conv_1", 1),
    lambda: memory.remember("conv_1", 1, {"slots": {}}),
    lambda: memory.forget("conv_1"),
    memory.sweep_expired,
    memory.statistics,
]
each_operation = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=["recall", "remember", "forget", "sweep", "statistics"]
)


def seconds_until_unavailable(operation: Callable[[], object]) -> float:
    began = time.monotonic()
    with pytest.raises(MemoryUnavailable):
        operation()
    return time.monotonic() - began


@each_operation
def test_a_paused_redis_costs_a_second_at_most(valkey: FaultyValkey, operation: Callable[[], object]) -> None:
    memory.remember("conv_1", 1, {"slots": {}})  # a connection is open, as in a server that has run for a while
    valkey.pause()
    assert seconds_until_unavailable(operation) < 1.5


def test_a_paused_redis_costs_no_more_for_a_new_connection(valkey: FaultyValkey) -> None:
    cache.client.get_client().connection_pool.disconnect()
    valkey.pause()
    assert seconds_until_unavailable(OPERATIONS[0]) < 1.5


@each_operation
def test_a_stopped_redis_is_told_at_once(valkey: FaultyValkey, operation: Callable[[], object]) -> None:
    memory.remember("conv_1", 1, {"slots": {}})
    valkey.stop()
    assert seconds_until_unavailable(operation) < 0.5


@each_operation
def test_a_refused_password_is_told_at_once(
    valkey: FaultyValkey, settings: Settings, operation: Callable[[], object]
) -> None:
    redis = valkey.client()
    redis.config_set("requirepass", "the right one")
    try:
        location = cache_url(valkey.url).replace("unix://", "unix://:wrong@")
        settings.CACHES = {"default": {**configured.CACHES["default"], "LOCATION": location}}
        assert seconds_until_unavailable(operation) < 0.5
    finally:
        redis.config_set("requirepass", "")


def test_a_full_redis_is_told(valkey: FaultyValkey) -> None:
    redis = valkey.client()
    redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(MemoryUnavailable):
            memory.remember("conv_1", 1, {"slots": {}})
    finally:
        redis.config_set("maxmemory", "0")


@pytest.mark.parametrize("outage", ["stop", "kill", "pause"])
def test_the_first_use_after_an_outage_works(valkey: FaultyValkey, outage: str) -> None:
    memory.remember("conv_1", 1, {"slots": {}})
    getattr(valkey, outage)()
    seconds_until_unavailable(OPERATIONS[0])
    valkey.heal()
    memory.remember("conv_1", 2, {"slots": {}})
    assert memory.recall("conv_1", 2) == {"slots": {}}
