"""What a paid model was asked is counted per day, once per answer that was kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from triage import orchestrator
from triage.analysis.base import Cost
from triage.analysis.strategies import Analysts
from triage.board import spending
from triage.orchestrator import steps
from triage.tests.cast import bob
from triage.tests.faulty_steps import failing, queued_case, taken, tried
from triage.tests.scripted_analyzers import model
from triage.tests.small_flow import RULES
from triage.tests.visiting import words_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@pytest.fixture
def paid(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    asked = model("crash", name="quick", cost=Cost(100, 20, 0.01), level="high")
    monkeypatch.setattr(steps, "analysts_for", lambda _facts: Analysts(RULES, None, (asked,)))
    monkeypatch.setattr(steps, "strategy_for", lambda _facts, _own: "failover")
    yield asked


def test_an_answer_that_was_kept_counts_once_however_often_the_run_is_tried(paid: Any) -> None:
    case = queued_case()
    with failing("assess", TimeoutError()):
        tried(case)
    tried(case)
    tried(queued_case())
    (figure,) = spending.lately()
    assert (figure.analyzer, figure.answers, figure.tokens, figure.unpriced) == ("quick", 2, 240, 0)
    assert figure.dollars == pytest.approx(0.02)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(bob())
    assert "What models cost" in words_of(client.get("/board/quality/"))


def test_an_answer_without_a_known_price_is_counted_as_such(paid: Any) -> None:
    paid.answer = model("crash", cost=Cost(100, 20, None)).answer
    tried(queued_case())
    (figure,) = spending.lately()
    assert (figure.answers, figure.unpriced, figure.dollars) == (1, 1, 0.0)


def test_what_costs_nothing_is_not_counted() -> None:
    queued_case()
    orchestrator.analyse(claim=taken())
    assert spending.lately() == []
