"""Training takes a worker for minutes: it happens once at a time, and what always fails is not tried for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django_redis import get_redis_connection
from redis.exceptions import RedisError
from redis.lock import Lock
from structlog.testing import capture_logs

from triage import learning
from triage.analysis.semantic import teaching
from triage.flows.loader import load_flow
from triage.models import FlowClassifier
from triage.tests.small_flow import flow_with
from triage.tests.test_danger_is_heard_by_its_meaning import with_hints

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def hints() -> Iterator[None]:
    load_flow(flow_with(with_hints))
    yield
    redis = get_redis_connection("default")
    for name in redis.keys(cache.make_key("training*")):
        redis.delete(name)


def fail(error: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    tried: list[Any] = []

    def failing(*given: Any) -> None:
        tried.append(given)
        raise error("not today")

    monkeypatch.setattr(teaching, "dangers", failing)
    return tried


def test_who_comes_while_somebody_trains_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, real = threading.Event(), threading.Event(), teaching.dangers

    def slow(*given: Any) -> Any:
        begun.set()
        assert go_on.wait(30)
        return real(*given)

    def train() -> None:
        learning.train_next()
        connection.close()

    monkeypatch.setattr(teaching, "dangers", slow)
    first = threading.Thread(target=train)
    first.start()
    assert begun.wait(30)
    try:
        assert not learning.train_next()
        assert not FlowClassifier.objects.exists()
    finally:
        go_on.set()
        first.join()
    assert FlowClassifier.objects.count() == 1


def test_a_training_that_was_killed_blocks_others_for_a_minute_at_most() -> None:
    with learning._alone() as is_alone:
        assert is_alone
        assert 0 < get_redis_connection("default").ttl(cache.make_key("training")) <= 60


def test_a_long_training_stays_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "_LEASE", 0.5)
    monkeypatch.setattr(learning, "_RENEWAL", 0.1)
    with learning._alone():
        over = threading.Event()
        assert not over.wait(1)  # two leases long
        with learning._alone() as is_second_alone:
            assert not is_second_alone


def test_what_always_fails_is_given_up_for_a_day_and_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = fail(MemoryError, monkeypatch)
    with capture_logs() as logs:
        for _ in range(5):
            with pytest.raises(MemoryError):
                learning.train_next()
        for _ in range(3):
            assert not learning.train_next()
    assert len(tried) == 5
    assert [line["event"] for line in logs if line["event"] == "training_given_up"] == ["training_given_up"]


def test_what_goes_well_may_be_done_again_as_often_as_it_is_wanted() -> None:
    for _ in range(7):
        assert learning.train_next()
        FlowClassifier.objects.all().delete()


def test_without_redis_it_is_trained_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise RedisError("away")

    monkeypatch.setattr(Lock, "acquire", away)
    monkeypatch.setattr(cache, "add", away)
    assert learning.train_next()
