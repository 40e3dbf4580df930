"""The same request under the same key is taken once and answered the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from conversations.models import Message
from triage import orchestrator
from triage.access import SYSTEM
from triage.errors import IdempotencyKeyReused
from triage.models import Case
from triage.orchestrator import TurnOutcome
from triage.tests.loaded_flows import load_small_flow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@pytest.fixture
def case_id() -> str:
    load_small_flow()
    return orchestrator.open_case(actor=SYSTEM, flow_id="three-questions", language="en", text="My roof leaks").case_id


def test_a_repeated_turn_is_taken_once(case_id: str) -> None:
    first = orchestrator.answer(actor=SYSTEM, case_id=case_id, text="yesterday", key="k1")
    again = orchestrator.answer(actor=SYSTEM, case_id=case_id, text="yesterday", key="k1")
    assert again == first
    assert Message.objects.filter(text="yesterday").count() == 1


def test_a_repeated_start_opens_one_case() -> None:
    load_small_flow()
    first = orchestrator.open_case(actor=SYSTEM, flow_id="three-questions", key="k1")
    assert orchestrator.open_case(actor=SYSTEM, flow_id="three-questions", key="k1") == first
    assert Case.objects.count() == 1


def test_another_body_under_the_same_key_is_refused(case_id: str) -> None:
    orchestrator.answer(actor=SYSTEM, case_id=case_id, text="yesterday", key="k1")
    with pytest.raises(IdempotencyKeyReused):
        orchestrator.answer(actor=SYSTEM, case_id=case_id, text="today", key="k1")


def test_the_same_turn_sent_ten_times_at_once_is_taken_once(case_id: str) -> None:
    def send() -> TurnOutcome:
        try:
            return orchestrator.answer(actor=SYSTEM, case_id=case_id, text="yesterday", key="k1")
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        outcomes = [pending.result() for pending in [pool.submit(send) for _ in range(10)]]
    assert len({outcome.last_seq for outcome in outcomes}) == 1
    assert Message.objects.filter(text="yesterday").count() == 1
