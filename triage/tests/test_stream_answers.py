"""What a running server answers to who asks for a stream: the stream, or why not, in plain HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from django.conf import settings

from triage import orchestrator
from triage.access import SYSTEM, create_api_key
from triage.models import Case
from triage.tests.cast import alice, make_case
from triage.tests.web_process import WebProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream]


@pytest.fixture
def case() -> Case:
    return make_case()


@pytest.fixture
def client(web: WebProcess) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {create_api_key(alice())}"}
    with httpx.Client(base_url=web.url, headers=headers, timeout=20, trust_env=False) as made:
        yield made


def address(case: Case) -> str:
    return f"/api/v2/triage/stream/{case.pk}"


def test_a_stream_is_never_stored_nor_guessed_at_nor_held_back(client: httpx.Client, case: Case) -> None:
    with client.stream("GET", address(case)) as response:
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store, no-transform"
        assert response.headers["X-Accel-Buffering"] == "no"
        assert next(response.iter_lines()).startswith("retry: ")


def test_the_ninth_stream_of_one_actor_is_refused_with_429(client: httpx.Client, case: Case) -> None:
    with ExitStack() as opened:
        for _ in range(settings.STREAMS_PER_ACTOR):
            body = opened.enter_context(client.stream("GET", address(case))).iter_raw()
            assert next(body).startswith(b"retry: ")
            opened.callback(body.close)  # type: ignore[attr-defined]  # without a reference it would be closed at once
        refused = opened.enter_context(client.stream("GET", address(case)))
        assert refused.status_code == 429
        assert json.loads(refused.read())["code"] == "too_many_streams"
        assert int(refused.headers["Retry-After"]) > 0
        assert client.get(f"/api/v2/triage/events/{case.pk}").status_code == 200  # everything else is served


def test_who_saw_all_of_a_case_that_is_over_gets_204(client: httpx.Client, case: Case) -> None:
    last = orchestrator.cancel(actor=SYSTEM, case_id=case.pk).last_seq
    assert client.get(address(case), headers={"Last-Event-ID": str(last)}).status_code == 204
    seen_less = client.get(address(case), headers={"Last-Event-ID": str(last - 1)})
    assert seen_less.status_code == 200
    assert "event: triage_cancelled" in seen_less.text
    assert "event: stream_end" in seen_less.text


@pytest.mark.parametrize("method", ["HEAD", "POST", "DELETE", "OPTIONS"])
def test_a_stream_can_only_be_got(client: httpx.Client, case: Case, method: str) -> None:
    response = client.request(method, address(case))
    assert (response.status_code, response.headers["Allow"]) == (405, "GET")


def test_a_host_that_is_not_ours_is_refused(client: httpx.Client, case: Case) -> None:
    assert client.get(address(case), headers={"Host": "evil.example"}).status_code == 400
