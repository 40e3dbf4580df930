"""A provider that fails again and again is left alone for a minute, then tried once; limits hold for all processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from triage import breaker, shared
from triage.breaker import BreakerState, Bucket, Circuit, CircuitOpen, RateLimited, breakers, external
from triage.models import TriageRun
from triage.tests.faulty_steps import failing, queued_case, tried
from triage_project.tests.faulty_valkey import FaultyValkey


class Refused(Exception):
    """What a provider answers in these tests."""


@pytest.fixture(autouse=True)
def no_local_states() -> None:
    shared._local.clear()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """The time of Redis, which the test sets."""
    now = [1_000_000.0]
    monkeypatch.setattr(shared, "_now", lambda _client: now[0])

    def pass_(seconds: float) -> None:
        now[0] += seconds

    return pass_


def fail(times: int = 1, provider: str = "oracle") -> None:
    for _ in range(times):
        with pytest.raises(Refused), external(provider):
            raise Refused


def ask(provider: str = "oracle") -> None:
    with external(provider):
        pass


def state() -> str:
    return next(found.state for found in breakers() if found.provider == "oracle")


def test_five_failures_in_a_row_open_it(clock: Callable[[float], None]) -> None:
    fail(4)
    ask()
    fail(4)
    assert state() == "closed"
    fail()
    assert state() == "open"
    clock(10)
    with pytest.raises(CircuitOpen) as refused:
        ask()
    assert refused.value.retry_after == 50


def test_after_a_minute_one_may_try_and_success_closes_it(clock: Callable[[float], None]) -> None:
    fail(5)
    clock(60)
    assert state() == "half_open"
    with external("oracle"), pytest.raises(CircuitOpen):
        ask()
    assert state() == "closed"
    ask()


def test_a_probe_that_fails_opens_it_for_another_minute(clock: Callable[[float], None]) -> None:
    fail(5)
    clock(60)
    fail()
    assert state() == "open"
    clock(59)
    with pytest.raises(CircuitOpen):
        ask()
    clock(1)
    ask()


def test_a_probe_whose_process_died_is_given_up(clock: Callable[[float], None]) -> None:
    fail(5)
    clock(60)
    with pytest.raises(KeyboardInterrupt), external("oracle"):
        raise KeyboardInterrupt
    with pytest.raises(CircuitOpen):
        ask()
    clock(breaker.PROBE_SECONDS)
    ask()


def test_one_provider_does_not_stand_for_another(clock: Callable[[float], None]) -> None:
    fail(5)
    ask("pythia")


def test_the_state_is_shared_by_processes() -> None:
    program = (
        "import django; django.setup()\n"
        "from triage.breaker import external\n"
        "for _ in range(5):\n"
        "    try:\n"
        "        with external('oracle'): raise OSError\n"
        "    except OSError: pass\n"
    )
    subprocess.run([sys.executable, "-c", program], env={**os.environ}, check=True, timeout=60)
    with pytest.raises(CircuitOpen):
        ask()


def test_failures_at_the_same_time_are_all_counted() -> None:
    all_ask = threading.Barrier(8)

    def fail_together() -> None:
        with pytest.raises(Refused), external("oracle"):
            all_ask.wait(10)
            raise Refused

    threads = [threading.Thread(target=fail_together) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shared.read("breaker:oracle", Circuit)[0].failures == 8
    assert state() == "open"


@pytest.mark.fault
def test_while_redis_is_away_each_process_decides_for_itself_and_begins_closed(valkey: FaultyValkey) -> None:
    fail(5)
    valkey.stop()
    ask()
    fail(5)
    with pytest.raises(CircuitOpen):
        ask()
    assert state() == "open"


def test_what_redis_holds_by_mistake_is_no_obstacle(valkey: FaultyValkey) -> None:
    with valkey.client() as client:
        for damaged in ("{", "[]", '{"of": "the future"}'):
            client.set(shared.cache.make_key("breaker:oracle"), damaged)
            ask()


def test_a_provider_is_asked_as_often_as_its_limit_says(clock: Callable[[float], None], settings: Settings) -> None:
    settings.TRIAGE_RATE_LIMITS = {"oracle": 60}
    for _ in range(10):
        ask()
    with pytest.raises(RateLimited) as refused:
        ask()
    assert refused.value.retry_after == pytest.approx(1.0)
    clock(1)
    ask()
    assert state() == "closed"


@given(gaps=st.lists(st.floats(0, 5), max_size=300), per_minute=st.integers(1, 600))
def test_no_minute_sees_more_than_the_limit_and_what_may_go_at_once(gaps: list[float], per_minute: int) -> None:
    bucket, now, went = Bucket(), 0.0, []
    for gap in gaps:
        now += gap
        bucket, wait = bucket.take(now, per_minute)
        if not wait:
            went.append(now)
    for start in went:
        seen = sum(start <= moment < start + 60 for moment in went)
        assert seen <= per_minute + max(1, per_minute / 6) + 1e-6


def test_the_board_sees_every_provider_that_failed_or_has_a_limit(
    clock: Callable[[float], None], settings: Settings
) -> None:
    settings.TRIAGE_RATE_LIMITS = {"pythia": 30}
    fail(5)
    assert breakers() == [
        BreakerState("oracle", "open", 5, datetime.fromtimestamp(1_000_060, UTC), None),
        BreakerState("pythia", "closed", 0, None, 30),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_run_waits_for_its_provider_without_using_up_its_tries() -> None:
    case = queued_case()
    with failing("understand", CircuitOpen("oracle", 42.0)):
        run = tried(case, 6)
    assert (run.state, run.step_failures, run.failed_attempts.count()) == (TriageRun.State.QUEUED, 0, 0)
    assert run.started_at is not None
    assert (run.next_attempt_at - run.started_at).total_seconds() > 41
    assert tried(case).state == TriageRun.State.COMPLETED
