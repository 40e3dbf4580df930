"""What something else left under our keys is discarded: never served, never an error."""

from __future__ import annotations

import json
import pickle
import zlib

import pytest

from conversations import memory
from conversations.memory import cache, recall, remember
from triage_project.tests.faulty_valkey import FaultyValkey

GOOD = json.dumps({"format": 1, "version": 3, "at": 1.0, "body": {"slots": {}}}).encode()


def key(name: str) -> str:
    return str(cache.make_key(name))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(GOOD[:-7], id="truncated"),
        pytest.param(b"", id="empty"),
        pytest.param(b"[1, 2, 3]", id="a list"),
        pytest.param(b"42", id="a number"),
        pytest.param(b"9" * 5000, id="a number too long for Python"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[" * 100_000, id="nested too deeply"),
        pytest.param(GOOD.replace(b'"format": 1', b'"format": 2'), id="another format"),
        pytest.param(GOOD.replace(b'"format": 1', b'"format": "1"'), id="a format of another kind"),
        pytest.param(GOOD.replace(b'{"slots": {}}', b"[]"), id="a body that is a list"),
        pytest.param(b'{"version": 3, "body": {}}', id="no format"),
        pytest.param(pickle.dumps({"format": 1, "version": 3, "body": {}}), id="a pickle"),
        pytest.param(zlib.compress(GOOD), id="compressed"),
        pytest.param(b"\xff\xfe\x00\x80" * 50, id="noise"),
    ],
)
def test_a_bad_value_is_discarded_and_can_be_written_over(valkey: FaultyValkey, value: bytes) -> None:
    redis = valkey.client()
    redis.set(key("conversation:conv_1"), value)
    assert recall("conv_1", 3) is None
    assert not redis.exists(key("conversation:conv_1"))
    remember("conv_1", 3, {"slots": {}})
    assert recall("conv_1", 3) == {"slots": {}}


def test_the_value_these_are_made_from_is_good(valkey: FaultyValkey) -> None:
    valkey.client().set(key("conversation:conv_1"), GOOD)
    assert recall("conv_1", 3) == {"slots": {}}


def test_a_value_of_another_redis_type_is_discarded(valkey: FaultyValkey) -> None:
    valkey.client().rpush(key("conversation:conv_1"), "not", "a", "document")
    assert recall("conv_1", 3) is None
    remember("conv_1", 3, {"slots": {}})
    assert recall("conv_1", 3) == {"slots": {}}


def test_junk_in_place_of_the_index_costs_only_the_count(valkey: FaultyValkey) -> None:
    valkey.client().set(key("conversations:expiry"), "junk")
    remember("conv_1", 3, {"slots": {}})
    assert recall("conv_1", 3) == {"slots": {}}
    assert memory.statistics().active == 1


@pytest.mark.parametrize("junk", ["junk", ["a", "list"]])
def test_junk_in_place_of_the_total_begins_it_anew(valkey: FaultyValkey, junk: str | list[str]) -> None:
    redis = valkey.client()
    if isinstance(junk, str):
        redis.set(key("conversations:expired"), junk)
    else:
        redis.rpush(key("conversations:expired"), *junk)
    assert memory.statistics() == memory.MemoryStatistics(active=0, expired_total=0)
