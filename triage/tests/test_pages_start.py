"""The start page: what is said before the first word, and what beginning does."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from triage.models import Case
from triage.tests.cast import alice, bob
from triage.tests.visiting import begin, guest_case, offer_small_flow, words_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_says_what_it_is_not_and_who_reads_before_the_first_word(client: Client) -> None:
    offer_small_flow()
    words = words_of(client.get("/?lang=en"))
    told = [words.index(part) for part in ("This is not a quotation.", "Only the workshop reads this.", "I agree")]
    assert told == sorted(told)
    assert max(told) < words.index("What happened?")
    assert "Leave this page" in words


def test_whom_to_ask_is_named_where_the_operator_says_so_and_not_promised_otherwise(
    client: Client, settings: Settings
) -> None:
    offer_small_flow()
    settings.TRIAGE_CONTACT = ""
    assert "Ask the team" not in words_of(client.get("/?lang=en"))
    settings.TRIAGE_CONTACT = "help@example.org"
    response = client.get("/?lang=en")
    assert "Ask the team: help@example.org" in words_of(response)
    assert 'href="mailto:help@example.org"' in response.content.decode()


def test_unlisted_flows_are_not_offered_and_cannot_be_begun(client: Client) -> None:
    offer_small_flow()
    assert 'value="endless"' not in client.get("/").content.decode()
    assert begin(client, flow="endless").status_code == 422
    assert not Case.objects.exists()


def test_beginning_records_the_consent_and_leads_into_the_conversation(client: Client) -> None:
    case = guest_case(client)
    assert case.consented_at is not None
    assert case.language == "en"
    assert "I had a crash on the street" in words_of(client.get(f"/cases/{case.pk}/"))


def test_without_consent_nothing_is_kept_and_the_words_stay_in_the_form(client: Client) -> None:
    response = begin(client, "my long story", consent="")
    assert response.status_code == 422
    assert "Please tick this box first" in words_of(response)
    assert "my long story" in response.content.decode()
    assert not Case.objects.exists()


def test_one_may_begin_without_a_word(client: Client) -> None:
    case = guest_case(client, words="")
    assert "What happened to your bicycle?" in words_of(client.get(f"/cases/{case.pk}/"))


def test_the_form_sent_twice_opens_one_case(client: Client) -> None:
    first, second = begin(client, key="once"), begin(client, key="once")
    assert first.url == second.url
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("accepted", "title"), [("en-GB", "What is it about?"), ("pt", "Sobre o que é?"), ("fr", "Sobre o que é?")]
)
def test_the_page_speaks_the_browsers_language(client: Client, accepted: str, title: str) -> None:
    offer_small_flow()
    assert title in words_of(client.get("/", headers={"Accept-Language": accepted}))


def test_a_chosen_language_is_kept_for_the_next_page(client: Client) -> None:
    offer_small_flow()
    assert "My conversations" not in words_of(client.get("/cases/"))
    client.get("/?lang=en")
    assert "My conversations" in words_of(client.get("/cases/"))


def test_an_unknown_language_is_no_error(client: Client) -> None:
    assert client.get("/?lang=xx-yy-zz").status_code == 200


def test_who_has_cases_is_offered_to_continue(client: Client) -> None:
    offer_small_flow()
    assert "Continue where you were" not in words_of(client.get("/?lang=en"))
    guest_case(client)
    assert "Continue where you were" in words_of(client.get("/"))


def test_staff_find_their_own_pages_and_nobody_else_sees_them(client: Client) -> None:
    pages = [reverse(name) for name in ("board", "batches", "admin:triage_case_changelist")]
    for user, is_staff in ((None, False), (alice(), False), (bob(), True)):
        if user is not None:
            client.force_login(user)
        page = client.get(reverse("start")).content.decode()
        assert [f'href="{address}"' in page for address in pages] == [is_staff] * 3


def test_the_admin_leads_to_the_board_and_the_batches(client: Client) -> None:
    client.force_login(bob())
    page = client.get(reverse("admin:index")).content.decode()
    assert f'<a href="{reverse("board")}">' in page
    assert f'<a href="{reverse("batches")}">' in page
