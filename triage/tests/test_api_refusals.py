"""Every refusal is a problem with a stable code; nothing is stored by half, and nothing internal is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from conversations.models import Message
from triage import orchestrator
from triage.access import create_api_key
from triage.models import ApiKey, Case
from triage.tests.cast import acting, alice, bob, charlie, make_case, run_to_the_end, staff_who_may

pytestmark = pytest.mark.django_db(transaction=True)

PROBLEM = {"type", "title", "status", "code", "detail", "fields"}


def with_key_of(user: Any) -> Client:
    return Client(headers={"authorization": f"Bearer {create_api_key(user)}"}, raise_request_exception=False)


def refused(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = dict(response.json())
    assert set(body) == PROBLEM
    assert body["code"] == code
    return body


def say(client: Client, case_id: str, **body: Any) -> Any:
    body = {"case_id": case_id, "message": "skip", **body}
    return client.post("/api/v2/triage/continue", body, content_type="application/json")


@pytest.mark.parametrize("path", ["status", "result", "events"])
def test_nobody_gets_401_and_strangers_the_404_of_an_unknown_case(path: str) -> None:
    case = make_case()
    refused(Client().get(f"/api/v2/triage/{path}/{case.pk}"), 401, "not_signed_in")
    theirs = with_key_of(charlie()).get(f"/api/v2/triage/{path}/{case.pk}")
    unknown = with_key_of(charlie()).get(f"/api/v2/triage/{path}/case_unknown")
    assert refused(theirs, 404, "case_not_found") == refused(unknown, 404, "case_not_found")


def test_strangers_change_nothing() -> None:
    case = make_case()
    stranger = with_key_of(charlie())
    refused(say(stranger, case.pk), 404, "case_not_found")
    refused(stranger.post(f"/api/v2/triage/cancel/{case.pk}"), 404, "case_not_found")
    refused(stranger.delete(f"/api/v2/triage/cleanup/{case.pk}"), 404, "case_not_found")
    case.refresh_from_db()
    assert case.state == Case.State.INTERVIEWING


def test_staff_who_may_look_may_not_change() -> None:
    case = make_case()
    onlooker = with_key_of(staff_who_may("view_case"))
    assert onlooker.get(f"/api/v2/triage/status/{case.pk}").status_code == 200
    refused(onlooker.post(f"/api/v2/triage/cancel/{case.pk}"), 403, "not_allowed")
    assert with_key_of(bob()).post(f"/api/v2/triage/cancel/{case.pk}").status_code == 200


def test_a_revoked_key_opens_nothing() -> None:
    client = with_key_of(alice())
    ApiKey.objects.update(revoked_at="2026-01-01T00:00:00Z")
    refused(client.post("/api/v2/triage/start", {}, content_type="application/json"), 401, "not_signed_in")


def test_a_question_that_is_not_open_is_stale_and_stores_nothing() -> None:
    case, client = make_case(), with_key_of(alice())
    before = Message.objects.count()
    refused(say(client, case.pk, question_id="anybody_hurt_else"), 409, "stale_question")
    assert Message.objects.count() == before


def test_a_completed_case_takes_no_messages() -> None:
    case = make_case()
    orchestrator.force_complete(actor=acting(alice()), case_id=case.pk)
    run_to_the_end(case)
    refused(say(with_key_of(alice()), case.pk), 409, "case_not_open")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"case_id": "x"}, "message"),
        ({"message": "hello"}, "case_id"),
        ({"case_id": "x", "message": "a" * 10_001}, "message"),
        ({"case_id": 5, "message": "hello"}, "case_id"),
    ],
)
def test_a_bad_field_is_named(body: dict[str, Any], field: str) -> None:
    response = with_key_of(alice()).post("/api/v2/triage/continue", body, content_type="application/json")
    assert field in refused(response, 422, "invalid_input")["fields"]


@pytest.mark.parametrize("raw", [b"", b"not json", b"[1, 2]", b"\xff\xfe", b'{"case_id": "\\ud800", "message": "x"}'])
def test_a_body_that_is_no_object_is_refused(raw: bytes) -> None:
    response = with_key_of(alice()).post("/api/v2/triage/continue", raw, content_type="application/json")
    assert response.status_code in (404, 422)
    assert response["Content-Type"] == "application/problem+json"


def test_unknown_flows_and_languages_are_named() -> None:
    make_case()
    client = with_key_of(alice())
    for body, code in (
        ({"flow": "astrology"}, "unknown_flow"),
        ({"flow": "three-questions", "language": "fr"}, "unknown_language"),
    ):
        response = client.post("/api/v2/triage/start", body, content_type="application/json")
        refused(response, 422, code)


def test_characters_that_no_database_takes_do_no_harm() -> None:
    case, client = make_case(), with_key_of(alice())
    assert say(client, case.pk, message="zero \x00 half \ud83d pair").status_code in (200, 422)
    assert say(client, case.pk, message="a\x00b").status_code == 200
    assert all("\x00" not in text for text in Message.objects.values_list("text", flat=True))


@pytest.mark.parametrize("path", ["status/%00", "result/%00", "events/a%00b", "status/" + "x" * 500])
def test_an_id_that_cannot_be_one_is_an_unknown_case(path: str) -> None:
    refused(with_key_of(alice()).get(f"/api/v2/triage/{path}"), 404, "case_not_found")


@pytest.mark.parametrize("field", ["flow", "language"])
def test_names_with_unprintable_characters_are_refused(field: str) -> None:
    body = {field: "a\x00"}
    response = with_key_of(alice()).post("/api/v2/triage/start", body, content_type="application/json")
    assert field in refused(response, 422, "invalid_input")["fields"]


def test_a_list_is_no_request() -> None:
    response = with_key_of(alice()).post("/api/v2/triage/start", b"[]", content_type="application/json")
    refused(response, 422, "invalid_input")
    assert not Case.objects.exists()


def test_a_body_of_three_megabytes_is_too_big() -> None:
    body = {"message": "a" * 3_000_000}
    response = with_key_of(alice()).post("/api/v2/triage/start", body, content_type="application/json")
    refused(response, 413, "too_big")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("put", "triage/start", 405), ("get", "triage/continue", 405), ("get", "nothing", 404)],
)
def test_wrong_methods_and_addresses_are_problems_too(method: str, path: str, status: int) -> None:
    response = getattr(with_key_of(alice()), method)(f"/api/v2/{path}")
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


def test_an_empty_idempotency_key_is_none() -> None:
    case, client = make_case(), with_key_of(alice())
    for text in ("skip", "yesterday"):
        response = client.post(
            "/api/v2/triage/continue",
            {"case_id": case.pk, "message": text},
            content_type="application/json",
            headers={"idempotency-key": ""},
        )
        assert response.status_code == 200


def test_staff_do_not_speak_as_the_client() -> None:
    case = make_case()
    refused(say(with_key_of(bob()), case.pk), 403, "not_allowed")


def test_what_a_person_tells_is_for_nobodys_cache() -> None:
    case = make_case()
    assert with_key_of(alice()).get(f"/api/v2/triage/status/{case.pk}")["Cache-Control"] == "no-store"
    assert Client().get(f"/api/v2/triage/status/{case.pk}")["Cache-Control"] == "no-store"


def test_a_cookie_without_csrf_token_changes_nothing() -> None:
    case = make_case()
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice())
    refused(client.post(f"/api/v2/triage/cancel/{case.pk}"), 403, "not_allowed")
    assert client.get(f"/api/v2/triage/status/{case.pk}").status_code == 200


def test_another_body_under_the_same_key_is_refused() -> None:
    case, client = make_case(), with_key_of(alice())
    headers = {"idempotency-key": "k1"}
    body = {"case_id": case.pk, "message": "skip"}
    client.post("/api/v2/triage/continue", body, content_type="application/json", headers=headers)
    body["message"] = "yesterday"
    response = client.post("/api/v2/triage/continue", body, content_type="application/json", headers=headers)
    refused(response, 422, "idempotency_key_reused")
