"""`/api/v2/tasks` and `/api/v2/alerts`: the board's figures as JSON, and what may be done with runs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from triage.access import create_api_key
from triage.models import Alert, Case, TriageRun
from triage.tests.busy_board import dead_letter, lived
from triage.tests.cast import alice, bob, charlie, completed_case, make_case, staff_who_may
from triage.tests.faulty_steps import failed_case, queued_case

pytestmark = pytest.mark.django_db(transaction=True)

TASKS = "/api/v2/tasks"


def with_key_of(user: Any) -> Client:
    return Client(headers={"authorization": f"Bearer {create_api_key(user)}"}, raise_request_exception=False)


def post(client: Client, address: str, **body: Any) -> Any:
    return client.post(address, body, content_type="application/json")


def run_of(case: Case) -> TriageRun:
    return TriageRun.objects.get(case=case)


def test_runs_come_newest_first_by_pages_without_a_gap() -> None:
    ids = [lived().pk for _ in range(7)]
    client = with_key_of(bob())
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        body = client.get(f"{TASKS}?limit=3&cursor={cursor}").json()
        seen += [run["run_id"] for run in body["runs"]]
        cursor = body["next_cursor"]
    assert sorted(seen, reverse=True) == seen
    assert set(seen) == set(ids)
    assert len(seen) == 7


def test_runs_are_filtered() -> None:
    wanted = dead_letter("KeyError", lane="batch", priority="high")
    dead_letter("TypeError", lane="batch", priority="high")
    lived("batch", priority="high")
    client = with_key_of(bob())
    found = client.get(TASKS, {"lane": "batch", "priority": "high", "state": "failed", "error": "KeyError"}).json()
    assert [run["run_id"] for run in found["runs"]] == [wanted.pk]
    wrong: list[dict[str, Any]] = [{"lane": "fast"}, {"state": "lost"}, {"limit": 0}, {"error": "x\x00"}]
    for query in wrong:
        refused = client.get(TASKS, query)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")


def test_a_run_is_told_with_its_steps_and_failed_attempts() -> None:
    run = run_of(failed_case("compose"))
    body = with_key_of(bob()).get(f"{TASKS}/{run.pk}").json()
    assert body["run"]["state"] == "failed"
    assert [step["name"] for step in body["steps"]] == ["understand", "assess"]
    (attempt,) = body["failed_attempts"]
    assert (attempt["error"], attempt["step"]) == ("TypeError", "compose")
    assert "faulty_steps.py" in attempt["detail"]


def test_a_run_is_retried_and_another_time_refused() -> None:
    client, run = with_key_of(bob()), run_of(failed_case())
    assert client.post(f"{TASKS}/{run.pk}/retry").json()["run"]["state"] == "queued"
    again = client.post(f"{TASKS}/{run.pk}/retry")
    assert (again.status_code, again.json()["code"]) == (409, "transition_refused")


def test_many_are_retried_by_ids_or_by_filter() -> None:
    client = with_key_of(bob())
    first, second, other = failed_case("assess"), failed_case("assess"), failed_case("compose")
    body = post(client, f"{TASKS}/retry", ids=[run_of(first).pk, "run_nowhere"]).json()
    assert body["retried"] == [run_of(first).pk]
    assert [(one["run_id"], one["code"]) for one in body["refused"]] == [("run_nowhere", "run_not_found")]
    assert post(client, f"{TASKS}/retry", step="assess").json()["retried"] == [run_of(second).pk]
    for wrong in ({}, {"ids": ["a"], "error": "TypeError"}, {"ids": ["a"] * 501}):
        assert post(client, f"{TASKS}/retry", **wrong).status_code == 422
    assert run_of(other).state == "failed"
    assert post(client, f"{TASKS}/retry", all=True).json()["retried"] == [run_of(other).pk]


def test_a_run_is_discarded_with_a_reason() -> None:
    client, run = with_key_of(bob()), run_of(failed_case())
    assert post(client, f"{TASKS}/{run.pk}/discard", reason="").status_code == 422
    body = post(client, f"{TASKS}/{run.pk}/discard", reason="A duplicate").json()
    assert (body["run"]["state"], body["discard_reason"]) == ("discarded", "A duplicate")


def test_a_run_is_analysed_sooner_or_later() -> None:
    client, run = with_key_of(bob()), run_of(queued_case())
    body = post(client, f"{TASKS}/{run.pk}/priority", priority="critical", reason="The judge waits").json()
    assert body["run"]["priority"] == "critical"
    assert post(client, f"{TASKS}/{run.pk}/priority", priority="soon", reason="x").status_code == 422


def test_an_alert_is_acknowledged_by_name() -> None:
    make_case()
    client, alert = with_key_of(bob()), Alert.objects.get()
    body = client.post(f"/api/v2/alerts/{alert.pk}/acknowledge").json()
    assert (body["acknowledged_by"], body["flag"]) == ("bob", "injury")
    other = with_key_of(staff_who_may("view_case", "change_case"))
    assert other.post(f"/api/v2/alerts/{alert.pk}/acknowledge").json()["acknowledged_by"] == "bob"
    assert client.post(f"/api/v2/alerts/{alert.pk + 1}/acknowledge").json()["code"] == "alert_not_found"


def test_the_board_is_the_same_as_the_pages() -> None:
    dead_letter("KeyError")
    lived(waited=2)
    body = with_key_of(bob()).get(f"{TASKS}/board", {"lane": "interactive"}).json()
    assert [lane["lane"] for lane in body["lanes"]] == ["interactive"]
    assert body["lanes"][0]["running"] == 1
    assert body["dead_causes"][0]["error"] == "KeyError"
    assert body["at"].endswith("Z")
    assert {job["name"] for job in body["schedule"]} == {"sweep", "alert", "expire", "measure", "retain", "train"}


def test_staff_alone() -> None:
    run = run_of(completed_case())
    for address in (TASKS, f"{TASKS}/board", f"{TASKS}/{run.pk}"):
        assert Client().get(address).status_code == 401
        for user in (alice(), charlie()):
            assert with_key_of(user).get(address).status_code == 403
    onlooker = with_key_of(staff_who_may("view_case"))
    assert onlooker.get(TASKS).status_code == 200
    for address in (f"{TASKS}/{run.pk}/retry", "/api/v2/alerts/1/acknowledge"):
        assert onlooker.post(address).status_code == 403
    assert post(onlooker, f"{TASKS}/retry", all=True).status_code == 403
    assert with_key_of(bob()).get(f"{TASKS}/run_nowhere").json()["code"] == "run_not_found"


def test_it_is_described() -> None:
    paths = Client().get("/api/v2/openapi.json").json()["paths"]
    described = {path.removeprefix("/api/v2") for path in paths}
    assert {
        "/tasks",
        "/tasks/board",
        "/tasks/retry",
        "/tasks/{run_id}",
        "/tasks/{run_id}/retry",
        "/tasks/{run_id}/discard",
        "/tasks/{run_id}/priority",
        "/alerts/{alert_id}/acknowledge",
    } <= described
