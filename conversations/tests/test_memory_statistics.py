"""Active and expired conversations are counted without asking Redis for all its keys."""

from __future__ import annotations

from pytest_django import Settings

from conversations.memory import DOCUMENT, cache, forget, recall, remember, statistics, sweep_expired
from triage_project.tests.faulty_valkey import FaultyValkey
from triage_project.tests.waiting import wait_until


def let_pass(conversation_id: str) -> None:
    """Its time is over: gone from Redis, and due in the index."""
    redis = cache.client.get_client()
    redis.delete(cache.make_key(DOCUMENT + conversation_id))
    redis.zadd(cache.make_key("conversations:expiry"), {conversation_id: 1})


def test_only_those_that_live_are_active() -> None:
    for number in range(5):
        remember(f"conv_{number}", 1, {})
    let_pass("conv_0")
    let_pass("conv_1")
    found = statistics()
    assert (found.active, found.expired_total) == (3, 2)


def test_a_document_that_redis_itself_expired_is_counted(settings: Settings) -> None:
    settings.CONVERSATION_TTL = 1
    remember("conv_1", 1, {})
    wait_until(lambda: statistics().expired_total == 1)
    assert recall("conv_1", 1) is None
    assert statistics().active == 0


def test_sweeping_tells_how_many_expired_and_counts_each_once() -> None:
    for number in range(2500):  # more than one batch
        let_pass(f"conv_{number}")
    assert sweep_expired() == 2500
    assert sweep_expired() == 0
    assert statistics().expired_total == 2500


def test_one_that_was_read_since_is_not_expired(settings: Settings) -> None:
    remember("conv_1", 1, {})
    cache.client.get_client().zadd(cache.make_key("conversations:expiry"), {"conv_1": 1})
    assert sweep_expired() == 0
    assert statistics().active == 1


def test_a_forgotten_conversation_is_neither_active_nor_expired() -> None:
    remember("conv_1", 1, {})
    forget("conv_1")
    found = statistics()
    assert (found.active, found.expired_total) == (0, 0)


def test_no_command_walks_over_all_keys(valkey: FaultyValkey) -> None:
    redis = valkey.client()
    redis.config_resetstat()
    remember("conv_1", 1, {})
    recall("conv_1", 1)
    let_pass("conv_1")
    sweep_expired()
    statistics()
    forget("conv_1")
    used = set(redis.info("commandstats"))
    assert used >= {"cmdstat_set", "cmdstat_getex", "cmdstat_zcard"}
    assert not used & {"cmdstat_keys", "cmdstat_scan", "cmdstat_dbsize", "cmdstat_sort"}


def test_a_read_is_one_round_trip_and_a_write_is_one(valkey: FaultyValkey) -> None:
    redis = valkey.client()

    def requests_that_arrived() -> int:
        return int(redis.info("stats")["total_reads_processed"])

    remember("conv_1", 1, {})
    asking = -requests_that_arrived() + requests_that_arrived()
    before = requests_that_arrived()
    recall("conv_1", 1)
    assert requests_that_arrived() - before == asking + 1
    before = requests_that_arrived()
    remember("conv_1", 2, {})
    assert requests_that_arrived() - before == asking + 1
