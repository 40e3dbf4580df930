"""A case over the JSON API, from start to result, under both addresses."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from triage.access import create_api_key
from triage.models import Case
from triage.tests.cast import alice, bob, run_to_the_end
from triage.tests.loaded_flows import load_small_flow

pytestmark = pytest.mark.django_db(transaction=True)

TURN = {
    "case_id", "message", "status", "timestamp", "complexity_hint", "confidence", "last_seq", "question", "result",
}  # fmt: skip
QUESTION = {"id", "kind", "text", "reason", "choices"}


@pytest.fixture(autouse=True)
def flow() -> None:
    load_small_flow()


@pytest.fixture
def client() -> Client:
    return Client(headers={"authorization": f"Bearer {create_api_key(alice())}"})


def post(client: Client, path: str, body: dict[str, Any], prefix: str = "/api/v2", **headers: str) -> Any:
    return client.post(f"{prefix}/triage/{path}", body, content_type="application/json", headers=headers)


def start(client: Client, **body: Any) -> dict[str, Any]:
    response = post(client, "start", {"flow": "three-questions", "language": "en", **body})
    assert response.status_code == 200, response.content
    return dict(response.json())


def test_starting_without_words_gets_the_opening_and_no_question(client: Client) -> None:
    body = start(client)
    assert set(body) == TURN
    assert (body["status"], body["question"], body["result"]) == ("interviewing", None, None)
    assert body["message"] == "What happened to your bicycle?"


@pytest.mark.parametrize("prefix", ["/api/v2", "/api/api/v2"])
def test_a_whole_case(client: Client, prefix: str) -> None:
    body = start(client, message="A crash on the street")
    assert set(body["question"]) == QUESTION
    while body["status"] == "interviewing":
        answer = {"case_id": body["case_id"], "message": "skip"}
        body = post(client, "continue", answer, prefix).json()
        assert set(body) == TURN
    assert body["status"] == "queued"
    missing = client.get(f"{prefix}/triage/result/{body['case_id']}")
    assert (missing.status_code, missing.json()["code"]) == (404, "result_not_ready")

    run_to_the_end(Case.objects.get())
    result = client.get(f"{prefix}/triage/result/{body['case_id']}").json()
    assert result["case_type"] == result["triage_data"]["category"]["id"] == "crash"
    assert result["strategy_used"] == "simple"
    assert result["complexity_level"] == "low"
    assert result["flow_type"] == "direct_simple"
    assert result["analysis_details"]["stages"][0]["status"] == "ok"
    status = client.get(f"{prefix}/triage/status/{body['case_id']}").json()
    assert status["status"] == "completed"
    assert status["conversation_status"]["is_complete"] is True
    assert status["state"]["last_seq"] == status["last_seq"] == Case.objects.get().last_seq


def test_an_empty_body_opens_the_default_flow_in_the_visitors_language(client: Client, settings: Any) -> None:
    settings.TRIAGE_DEFAULT_FLOW = "three-questions"
    english = post(client, "start", {}, **{"accept-language": "en-GB"}).json()
    neither = post(client, "start", {}).json()
    assert english["message"].startswith("What")
    assert neither["message"].startswith("O que")


def test_the_log_comes_in_pages_that_join_without_gap(client: Client) -> None:
    case_id = start(client, message="A crash on the street")["case_id"]
    everything = client.get(f"/api/v2/triage/events/{case_id}").json()
    assert [event["seq"] for event in everything["events"]] == list(range(1, everything["last_seq"] + 1))
    rest = client.get(f"/api/v2/triage/events/{case_id}?after=3").json()
    assert rest["events"] == everything["events"][3:]
    beyond = client.get(f"/api/v2/triage/events/{case_id}?after={everything['last_seq']}").json()
    assert beyond == {"events": [], "last_seq": everything["last_seq"]}


def test_the_state_at_any_event_is_the_fold_of_the_log_up_to_it(client: Client) -> None:
    case_id = start(client, message="A crash on the street")["case_id"]
    before = client.get(f"/api/v2/triage/status/{case_id}").json()["state"]
    post(client, "continue", {"case_id": case_id, "message": "3 March 2026"})
    then = client.get(f"/api/v2/triage/status/{case_id}?at_seq={before['last_seq']}").json()["state"]
    assert then == before
    beyond = client.get(f"/api/v2/triage/status/{case_id}?at_seq=9999")
    assert (beyond.status_code, beyond.json()["code"]) == (422, "invalid_input")


def test_a_correction_names_its_question(client: Client) -> None:
    body = start(client, message="A crash on the street")
    first = body["question"]["id"]
    post(client, "continue", {"case_id": body["case_id"], "message": "skip"})
    corrected = post(client, "continue", {"case_id": body["case_id"], "message": "3 March 2026", "question_id": first})
    assert corrected.status_code == 200
    understood = client.get(f"/api/v2/triage/status/{body['case_id']}").json()["state"]["understood"]
    assert [entry["value"] for entry in understood if entry["slot"] == "happened_on"] == ["2026-03-03"]


def test_forcing_the_end_cancelling_and_cleaning_up(client: Client) -> None:
    first, second = (start(client, message="A crash on the street")["case_id"] for _ in range(2))
    assert post(client, "force-complete", {"case_id": first}).json()["status"] == "queued"
    assert client.post(f"/api/v2/triage/cancel/{first}").json()["status"] == "cancelled"
    cleaned = client.delete(f"/api/v2/triage/cleanup/{second}").json()
    assert cleaned["status"] == "cleaned_up"
    assert client.get(f"/api/v2/triage/status/{second}").json()["status"] == "cancelled"


def test_counts_are_for_staff(client: Client) -> None:
    start(client)
    assert client.get("/api/v2/triage/stats").status_code == 403
    staff = Client(headers={"authorization": f"Bearer {create_api_key(bob())}"})
    counts = staff.get("/api/v2/triage/stats").json()
    assert counts["by_status"] == {"interviewing": 1}
    assert counts["active_conversations"] == 1
    assert counts["redis_health"]["status"] == "healthy"


def test_a_repeated_request_under_one_key_opens_one_case(client: Client) -> None:
    body = {"flow": "three-questions", "language": "en"}
    first, again = (post(client, "start", body, **{"idempotency-key": "k1"}).json() for _ in range(2))
    assert first == again
    assert Case.objects.count() == 1


def test_the_contract_is_published(client: Client) -> None:
    paths = client.get("/api/v2/openapi.json").json()["paths"]
    assert {"/api/v2/triage/start", "/api/v2/triage/continue", "/api/v2/triage/result/{case_id}"} <= set(paths)
    assert client.get("/api/v2/docs").status_code == 200
