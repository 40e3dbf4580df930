"""A document is served for its own version while it lives, and nothing else ever is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_django import Settings

from conversations import memory
from conversations.ids import new_id
from conversations.memory import cache, forget, recall, remember
from triage_project.tests.faulty_valkey import FaultyValkey

BODY = {"slots": {"when": "2026-03-03", "amount": 12000.5}, "asked": ["when", "amount"], "text": "não, três"}


def ttl(conversation_id: str) -> float:
    return float(cache.pttl(memory.DOCUMENT + conversation_id)) / 1000


def test_what_was_remembered_is_recalled() -> None:
    remember("conv_1", 7, BODY)
    assert recall("conv_1", 7) == BODY


def test_an_unknown_conversation_is_none() -> None:
    assert recall("conv_unknown", 1) is None


def test_another_version_is_discarded() -> None:
    remember("conv_1", 7, BODY)
    assert recall("conv_1", 8) is None
    assert recall("conv_1", 7) is None


def test_a_newer_document_replaces_the_older() -> None:
    remember("conv_1", 7, BODY)
    remember("conv_1", 8, {"slots": {}})
    assert recall("conv_1", 8) == {"slots": {}}


def test_a_forgotten_conversation_is_none() -> None:
    remember("conv_1", 7, BODY)
    forget("conv_1")
    assert recall("conv_1", 7) is None


def test_it_lives_as_long_as_the_setting_says(settings: Settings) -> None:
    settings.CONVERSATION_TTL = 500
    remember("conv_1", 1, BODY)
    assert 495 < ttl("conv_1") <= 500


def test_use_begins_its_life_anew(settings: Settings) -> None:
    settings.CONVERSATION_TTL = 500
    remember("conv_1", 1, BODY)
    cache.expire(memory.DOCUMENT + "conv_1", 20)
    recall("conv_1", 1)
    assert 495 < ttl("conv_1") <= 500


def test_many_conversations_at_once_keep_apart() -> None:
    ids = [new_id("conv") for _ in range(24)]

    def converse(conversation_id: str) -> bool:
        for version in range(1, 21):
            remember(conversation_id, version, {"mine": conversation_id, "turn": version})
            if recall(conversation_id, version) != {"mine": conversation_id, "turn": version}:
                return False
        return True

    with ThreadPoolExecutor(24) as threads:
        assert all(threads.map(converse, ids))
    assert memory.statistics().active == 24


@pytest.mark.fault
@pytest.mark.parametrize("end", ["stop", "kill"])
def test_it_survives_a_restart_of_redis(valkey: FaultyValkey, end: str) -> None:
    remember("conv_1", 7, BODY)
    getattr(valkey, end)()
    valkey.start()
    assert recall("conv_1", 7) == BODY
    assert ttl("conv_1") > 0


@pytest.mark.fault
def test_a_wiped_redis_remembers_nothing(valkey: FaultyValkey) -> None:
    remember("conv_1", 7, BODY)
    valkey.wipe()
    assert recall("conv_1", 7) is None
