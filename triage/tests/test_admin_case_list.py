"""Staff find the right case: order, filters, search, and a long list that stays quick."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from conversations import transcript
from conversations.models import Conversation
from triage import orchestrator
from triage.models import Case, FlowVersion
from triage.tests.cast import acting, alice, bob, charlie, make_case, staff_who_may
from triage.tests.loaded_flows import load_small_flow

pytestmark = pytest.mark.django_db
LIST = reverse("admin:triage_case_changelist")


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(bob())
    return client


def rows(count: int, flow: FlowVersion | None = None, **columns: Any) -> list[Case]:
    """Cases as rows alone, for lists."""
    flow = flow or load_small_flow()
    talks = Conversation.objects.bulk_create(
        Conversation(id=f"conv_{Conversation.objects.count()}_{number}", language="en", time_zone="UTC")
        for number in range(count)
    )
    return Case.objects.bulk_create(
        Case(conversation=talk, flow=flow, language="en", **{"category": "crash", **columns}) for talk in talks
    )


def found(client: Client, **query: str) -> set[str]:
    page = client.get(LIST, query)
    assert page.status_code == 200
    return {case.pk for case in page.context["cl"].result_list}


def test_open_cases_come_first_by_their_urgency(staff: Client) -> None:
    order = [("completed", "critical"), ("interviewing", "low"), ("failed", "critical"), ("analysing", "high")]
    made = {(state, urgency): rows(1, state=state, urgency=urgency)[0].pk for state, urgency in order}
    listed = [case.pk for case in staff.get(LIST).context["cl"].result_list]
    assert listed == [
        made["failed", "critical"],
        made["analysing", "high"],
        made["interviewing", "low"],
        made["completed", "critical"],
    ]


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ({"state__exact": "failed"}, {"state": "failed"}),
        ({"urgency__exact": "critical"}, {"urgency": "critical"}),
        ({"complexity": "high"}, {"complexity": "high"}),
        ({"category": "three-questions/wear"}, {"category": "wear"}),
        ({"red_flags": "yes"}, {"red_flags": ["injury"]}),
    ],
)
def test_a_filter_keeps_what_it_names(staff: Client, query: dict[str, str], columns: dict[str, Any]) -> None:
    rows(3)
    (wanted,) = rows(1, **columns)
    assert found(staff, **query) == {wanted.pk}


def test_without_red_flags_is_a_filter_too(staff: Client) -> None:
    (calm,) = rows(1)
    rows(1, red_flags=["injury"])
    assert found(staff, red_flags="no") == {calm.pk}


def test_a_flow_is_found_whatever_its_version(staff: Client) -> None:
    first = load_small_flow()
    second = FlowVersion.objects.create(flow=first.flow, version=2, digest="2", document=first.document)
    wanted = {case.pk for case in rows(1, first) + rows(1, second)}
    rows(1, load_small_flow("endless"))
    assert found(staff, flow=first.flow) == wanted


def test_a_date_narrows_the_list(staff: Client) -> None:
    old, new = rows(2)
    Case.objects.filter(pk=old.pk).update(created_at=datetime(2020, 5, 17, 12, tzinfo=UTC))
    assert found(staff, created_at__year="2020") == {old.pk}
    assert found(staff, created_at__gte="2021-01-01 00:00:00+00:00") == {new.pk}


def test_search_knows_ids_names_and_words(staff: Client) -> None:
    case = make_case(text="My bicycle squeaks")
    transcript.say(case.conversation, None, "client", "And the lamp flickers", datetime.now(UTC))
    orchestrator.keep_contact(actor=acting(alice()), case_id=case.pk, name="Alice Liddell")
    make_case(text="Something else")
    for words in (case.pk, "liddell", "squeaks", "flickers squeaks", "alice squeaks", '"lamp flickers"'):
        assert found(staff, q=words) == {case.pk}, words
    assert found(staff, q="flickers nowhere") == set()
    assert found(staff, q='"squeaks lamp"') == set()


def test_a_row_says_what_matters(staff: Client) -> None:
    rows(1, urgency="critical", red_flags=["injury"], confidence=0.62, deadline=date(2026, 3, 4), complexity="high")
    page = staff.get(LIST, headers={"accept-language": "en"}).content.decode()
    for words in ('urgency-critical">critical', "⚑ 1", "injury", "Crash", 'complexity-high">high', "62%", "three-q"):
        assert words in page, words


def test_a_row_begins_with_the_first_words_or_the_name(staff: Client) -> None:
    case = make_case(text="")
    for text in ("My bicycle <b>squeaks</b> " + "and squeaks " * 30, "And the lamp flickers"):
        transcript.say(case.conversation, None, "client", text, datetime.now(UTC))
    page = staff.get(LIST).content.decode()
    assert "My bicycle &lt;b&gt;squeaks&lt;/b&gt; and squeaks" in page
    assert "and squeaks " * 5 not in page
    orchestrator.keep_contact(actor=acting(alice()), case_id=case.pk, name="Alice Liddell")
    page = staff.get(LIST).content.decode()
    assert "Alice Liddell" in page
    assert case.pk[-6:] in page
    assert "My bicycle" not in page


def test_a_category_of_several_flows_is_filtered_with_its_flow(staff: Client) -> None:
    first, second = load_small_flow(), load_small_flow("endless")
    (wanted,), _others = rows(1, first), rows(1, second)
    assert found(staff, category=f"{first.flow}/crash") == {wanted.pk}
    page = staff.get(LIST, headers={"accept-language": "en"}).content.decode()
    assert re.search(r"Crash \([^)]+\)</a>", page)


def test_a_category_that_no_flow_has_any_more_is_shown_by_its_id(staff: Client) -> None:
    rows(1, category="gone")
    assert ">gone<br>" in staff.get(LIST).content.decode()


def test_a_thousand_cases_cost_few_queries_and_little_time(
    staff: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    flow = load_small_flow()
    versions = [
        FlowVersion.objects.create(flow=flow.flow, version=number, digest=str(number), document=flow.document)
        for number in range(2, 22)
    ]
    for version in versions:
        rows(50, version, red_flags=["injury"])
    with django_assert_max_num_queries(15):
        begun = time.monotonic()
        page = staff.get(LIST, {"q": "", "state__exact": "interviewing"})
    assert page.context["cl"].result_count == 1000
    assert time.monotonic() - begun < 3


def test_nobody_else_gets_in(client: Client) -> None:
    for user in (alice(), charlie()):
        client.force_login(user)
        assert client.get(LIST).status_code == 302
    client.force_login(staff_who_may("view_triagerun"))
    assert client.get(LIST).status_code == 403


def test_cases_are_neither_added_changed_nor_deleted_here(staff: Client) -> None:
    (case,) = rows(1)
    assert staff.get(reverse("admin:triage_case_add")).status_code == 403
    assert staff.post(reverse("admin:triage_case_change", args=[case.pk]), {"state": "failed"}).status_code == 403
    assert staff.post(reverse("admin:triage_case_delete", args=[case.pk]), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in staff.get(LIST).content.decode()
