"""How often staff decide otherwise and what drifted: counted by month, in few queries, on a page and as JSON."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.ids import new_id
from conversations.models import Conversation
from triage import orchestrator
from triage.access import create_api_key
from triage.board.quality import quality
from triage.models import Case, Correction, FlowVersion
from triage.tests.cast import acting, alice, bob, completed_case
from triage.tests.loaded_flows import load_small_flow
from triage.tests.visiting import words_of

pytestmark = pytest.mark.django_db(transaction=True)


def past_cases(count: int, category: str, days_ago: int, *, corrected_to: str = "", corrected: int = 0) -> None:
    """Completed cases that the analysis put into `category`; the first `corrected` of them staff moved elsewhere."""
    flow: FlowVersion = load_small_flow()
    talks = Conversation.objects.bulk_create(Conversation(id=new_id("conv"), language="en") for _ in range(count))
    at = timezone.now() - timedelta(days=days_ago)
    cases = Case.objects.bulk_create(
        Case(
            conversation=talk,
            flow=flow,
            language="en",
            state="completed",
            completed_at=at,
            category=corrected_to if number < corrected else category,
        )
        for number, talk in enumerate(talks)
    )
    Correction.objects.bulk_create(
        Correction(case=case, flow=flow, field="category", old=category, new=corrected_to, language="en", text="x")
        for case in cases[:corrected]
    )


def test_the_rates_are_those_of_the_cases_of_each_month() -> None:
    past_cases(8, "crash", 3, corrected_to="wear", corrected=2)
    past_cases(2, "wear", 29)
    past_cases(5, "crash", 31, corrected_to="other", corrected=1)
    past_cases(9, "wear", 61)
    found = quality()
    assert (found.recent.cases, found.recent.overridden, found.recent.override_rate) == (10, 2, 0.2)
    assert (found.before.cases, found.before.override_rate) == (5, 0.2)
    assert found.recent.agreement == {"category": 0.8, "complexity": 1.0, "urgency": 1.0}
    assert found.waiting == 3
    crash = next(one for one in found.categories if one.category == "crash")
    assert (crash.recent.cases, crash.recent.share, crash.recent.override_rate) == (8, 0.8, 0.25)
    assert (crash.before.cases, crash.before.share, crash.before.override_rate) == (5, 1.0, 0.2)
    assert (round(crash.drift or 0, 3), round(crash.override_drift or 0, 3)) == (-0.2, 0.05)
    assert [one.category for one in found.categories] == ["crash", "wear"]


def test_a_decision_counts_and_one_that_was_taken_back_does_not() -> None:
    case = completed_case()
    for value in ("wear", "crash"):
        orchestrator.override(actor=acting(bob()), case_id=case.pk, field="category", value=value, reason="x")
    assert quality().recent.overridden == 0
    orchestrator.override(actor=acting(bob()), case_id=case.pk, field="urgency", value="low", reason="x")
    orchestrator.override(actor=acting(bob()), case_id=case.pk, field="complexity", value="high", reason="x")
    found = quality().recent
    assert (found.overridden, found.agreement) == (1, {"category": 1.0, "complexity": 0.0, "urgency": 0.0})


def test_only_what_chance_does_not_explain_is_called_notable() -> None:
    past_cases(60, "crash", 3)
    past_cases(40, "wear", 3, corrected_to="other", corrected=20)
    past_cases(58, "crash", 40)
    past_cases(42, "wear", 40, corrected_to="other", corrected=1)
    notable = {one.category: one.is_notable for one in quality().categories}
    assert notable == {"crash": False, "wear": True}


def test_a_few_cases_are_never_notable() -> None:
    past_cases(5, "crash", 3)
    past_cases(5, "wear", 40)
    assert not any(one.is_notable for one in quality().categories)


def test_four_queries_however_many_cases() -> None:
    past_cases(30, "crash", 3, corrected_to="wear", corrected=9)
    with CaptureQueriesContext(connection) as queries:
        quality()
    assert len(queries) == 4
    client = Client()
    client.force_login(bob())
    with CaptureQueriesContext(connection) as queries:
        client.get("/board/quality/")
    assert len(queries) <= 11, [query["sql"] for query in queries]


def test_the_page_shows_it_to_staff_and_is_linked_from_the_board() -> None:
    client = Client(headers={"accept-language": "en"})
    assert client.get("/board/quality/").status_code == 302
    client.force_login(alice())
    assert client.get("/board/quality/").status_code == 403
    client.force_login(bob())
    assert "/board/quality/" in client.get("/board/").content.decode()
    assert "No case was completed in this time" in words_of(client.get("/board/quality/"))
    past_cases(8, "crash", 3, corrected_to="wear", corrected=2)
    page = words_of(client.get("/board/quality/"))
    assert "Corrected by staff 25% (2) – (0)" in page
    assert "Agreed: category 75% –" in page
    assert "Crash three-questions 8 100% – 25% (2) –" in page
    assert "2 corrections to look at" in page


def test_the_api_tells_the_same_to_staff_alone() -> None:
    past_cases(8, "crash", 3, corrected_to="wear", corrected=2)
    keys = {user.username: {"authorization": f"Bearer {create_api_key(user)}"} for user in (alice(), bob())}
    assert Client(headers=keys["alice"]).get("/api/v2/tasks/quality").json()["code"] == "not_allowed"
    told = Client(headers=keys["bob"]).get("/api/v2/tasks/quality").json()
    assert told["recent"]["override_rate"] == 0.25
    assert told["categories"][0]["category"] == "crash"
