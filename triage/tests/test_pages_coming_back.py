"""Coming back: the list of one's own, the return code, contact, and forgetting on a shared phone."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from triage.models import Case
from triage.tests.cast import charlie, run_to_the_end
from triage.tests.visiting import guest_case, words_of

pytestmark = pytest.mark.django_db(transaction=True)


def code_of(client: Client, case: Case) -> str:
    shown = client.post(f"/cases/{case.pk}/return-code/").content.decode()
    found = re.search(r"<output>(.+)</output>", shown)
    assert found
    return found[1]


def test_the_list_shows_own_cases_with_their_state_and_subject(client: Client) -> None:
    mine = guest_case(client)
    guest_case(Client())
    response = client.get("/cases/?lang=en")
    assert response.content.decode().count('class="card card-link"') == 1
    assert mine.pk in response.content.decode()
    assert "Crash" in words_of(response)
    assert "In conversation" in words_of(response)


def test_a_finished_case_in_the_list_opens_its_result(client: Client) -> None:
    case = guest_case(client)
    client.post(f"/cases/{case.pk}/finish/")
    run_to_the_end(case)
    assert f'href="/cases/{case.pk}/result/"' in client.get("/cases/").content.decode()


def test_without_cases_the_list_invites_to_begin(client: Client) -> None:
    assert "There is no conversation on this device yet." in words_of(client.get("/cases/?lang=en"))


def test_a_return_code_opens_the_case_on_another_device_however_it_is_typed(client: Client) -> None:
    case = guest_case(client)
    code = code_of(client, case)
    other = Client()
    response = other.post("/return/", {"code": f" {code.lower().replace('-', ' ')} "})
    assert response["Location"] == f"/cases/{case.pk}/"
    assert other.get(f"/cases/{case.pk}/").status_code == 200


def test_a_wrong_code_is_said_kindly_and_kept_in_the_box(client: Client) -> None:
    response = client.post("/return/?lang=en", {"code": "AAAA-BBBB-CCCC"})
    assert response.status_code == 404
    assert "No conversation has this code" in words_of(response)
    assert "AAAA-BBBB-CCCC" in response.content.decode()


def test_the_code_is_shown_once_and_a_new_one_replaces_it(client: Client) -> None:
    case = guest_case(client)
    first = code_of(client, case)
    assert first not in client.get(f"/cases/{case.pk}/").content.decode()
    second = code_of(client, case)
    assert Client().post("/return/", {"code": first}).status_code == 404
    assert Client().post("/return/", {"code": second}).status_code == 302


def test_contact_is_kept_and_not_shown_again(client: Client) -> None:
    case = guest_case(client)
    fields = {"name": "Ana", "phone": "(81) 99999-0000", "safe_to_call": "no"}
    response = client.post(f"/cases/{case.pk}/contact/", fields, follow=True)
    case.refresh_from_db()
    assert (case.contact_name, case.contact_phone, case.safe_to_call) == ("Ana", "(81) 99999-0000", False)
    assert "We kept how to reach you." in words_of(response)
    assert "99999" not in response.content.decode()


def test_a_phone_without_a_word_on_safety_is_sent_back_with_its_words(client: Client) -> None:
    case = guest_case(client)
    response = client.post(f"/cases/{case.pk}/contact/", {"name": "Ana", "phone": "81 99999 0000"})
    case.refresh_from_db()
    assert (response.status_code, case.contact_phone) == (422, "")
    assert "Please also say whether a call is safe" in words_of(response)
    assert all(f'value="{word}"' in response.content.decode() for word in ("Ana", "81 99999 0000"))


def test_an_email_may_be_left_without_a_word_on_calls(client: Client) -> None:
    case = guest_case(client)
    assert client.post(f"/cases/{case.pk}/contact/", {"email": "ana@example.org"}).status_code == 302


@pytest.mark.parametrize("fields", [{"name": "Ana"}, {"phone": "call me"}, {"email": "nobody"}])
def test_contact_that_reaches_nobody_is_sent_back_with_its_words(client: Client, fields: dict[str, str]) -> None:
    case = guest_case(client)
    response = client.post(f"/cases/{case.pk}/contact/", fields)
    assert response.status_code == 422
    assert all(f'value="{word}"' in response.content.decode() for word in fields.values())


def test_forgetting_removes_the_cases_from_this_device_only(client: Client) -> None:
    case = guest_case(client)
    code = code_of(client, case)
    client.post("/cases/forget/")
    assert client.get(f"/cases/{case.pk}/").status_code == 401
    assert Client().post("/return/", {"code": code}).status_code == 302


def test_a_guest_who_signs_in_keeps_the_case(client: Client) -> None:
    case = guest_case(client)
    client.force_login(charlie())
    assert client.get(f"/cases/{case.pk}/").status_code == 200
