"""Whose pages they are, and what stays of them on a shared phone."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from django.views.defaults import server_error
from pytest_django import Settings

from triage.models import Case
from triage.tests.cast import bob, charlie, run_to_the_end
from triage.tests.visiting import guest_case, say, words_of

pytestmark = pytest.mark.django_db(transaction=True)


def addresses(case: Case) -> list[str]:
    return [f"/cases/{case.pk}/{part}" for part in ("", "progress/", "result/", "contact/")]


def test_without_a_session_a_case_answers_401_and_points_to_the_return_code(client: Client) -> None:
    case = guest_case(client)
    for address in addresses(case):
        response = Client().get(address)
        assert response.status_code == 401
        assert 'action="/return/"' in response.content.decode()


def test_unknown_and_not_yours_look_the_same(client: Client) -> None:
    case = guest_case(client)
    stranger = Client()
    stranger.force_login(charlie())
    seen = [words_of(stranger.get(address)) for address in (*addresses(case), "/cases/case_nothing/")]
    assert len(set(seen)) == 1
    assert stranger.get(f"/cases/{case.pk}/").status_code == 404


def test_a_stranger_cannot_write_or_take_a_return_code(client: Client) -> None:
    case = guest_case(client)
    stranger = Client()
    stranger.force_login(charlie())
    for verb in ("say", "finish", "stop", "retry", "contact", "return-code"):
        assert stranger.post(f"/cases/{case.pk}/{verb}/", {"phone": "81 99999 0000"}).status_code == 404
    case.refresh_from_db()
    assert (case.state, case.return_code_hash) == ("interviewing", None)


def test_staff_read_every_page_but_get_no_form(client: Client) -> None:
    case = guest_case(client)
    say(client, case, "3 March", question_id="when_happened")
    client.post(f"/cases/{case.pk}/finish/")
    run_to_the_end(case)
    staff = Client()
    staff.force_login(bob())
    for address in addresses(case):
        response = staff.get(address)
        assert response.status_code == 200
        assert "<form" not in response.content.decode()
        assert "?change=" not in response.content.decode()


def test_staff_neither_speak_for_somebody_nor_touch_their_contact_or_code(client: Client) -> None:
    case = guest_case(client)
    staff = Client()
    staff.force_login(bob())
    for verb, fields in (("say", {"text": "3 March"}), ("contact", {}), ("return-code", {})):
        response = staff.post(f"/cases/{case.pk}/{verb}/", fields)
        assert response.status_code == 403
        assert "You may look at this, but not change it." in words_of(response)
    case.refresh_from_db()
    assert (case.question, case.return_code_hash) == ("when_happened", None)


def test_pages_are_not_kept_by_the_browser_and_run_no_foreign_script(client: Client) -> None:
    case = guest_case(client)
    for address in (*addresses(case), "/cases/", "/"):
        response = client.get(address)
        assert response["Cache-Control"] == "no-store"
        assert "default-src 'self'" in response["Content-Security-Policy"]


def test_no_page_needs_what_its_policy_forbids(client: Client) -> None:
    case = guest_case(client)
    for address in (*addresses(case), "/cases/", "/", "/return/"):
        body = client.get(address).content.decode()
        assert "<style" not in body
        assert " style=" not in body
        assert "<script>" not in body
        assert "onclick" not in body


def test_a_page_speaks_the_cases_language_whatever_the_browser_says(client: Client) -> None:
    case = guest_case(client, "bati na rua", language="pt-br")
    response = client.get(f"/cases/{case.pk}/", headers={"Accept-Language": "en"})
    assert '<html lang="pt-br">' in response.content.decode()
    assert "Sair desta página" in words_of(response)
    assert response["Content-Language"] == "pt-br"


def test_a_form_without_its_token_gets_a_kind_page() -> None:
    response = Client(enforce_csrf_checks=True).post("/", {"text": "help"})
    assert response.status_code == 403
    assert "Por favor, envie mais uma vez" in words_of(response)


def test_an_unknown_address_gets_a_kind_page_in_production(client: Client, settings: Settings) -> None:
    settings.DEBUG = False
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "Não há nada aqui" in words_of(response)


def test_the_page_for_our_own_faults_needs_neither_database_nor_session(settings: Settings) -> None:
    settings.DEBUG = False
    response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Algo deu errado do nosso lado" in response.content.decode()
