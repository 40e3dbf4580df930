"""The SSE view: refusals before any byte of stream, cursors, the predecessor's snapshot, and the end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import AsyncClient

from triage import orchestrator
from triage.access import SYSTEM, actor_of, create_api_key
from triage.tests.loaded_flows import load_small_flow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream]


def open_case() -> tuple[str, dict[str, str]]:
    """A case of alice, and the headers of her key."""
    load_small_flow()
    alice = User.objects.create_user("alice")
    outcome = orchestrator.open_case(
        actor=actor_of(alice, None), flow_id="three-questions", language="en", text="My roof leaks"
    )
    return outcome.case_id, {"authorization": f"Bearer {create_api_key(alice)}"}


def strangers_key() -> dict[str, str]:
    return {"authorization": f"Bearer {create_api_key(User.objects.create_user('charlie'))}"}


async def read(response: Any, count: int) -> list[bytes]:
    """The first `count` frames; the response is closed."""
    frames: list[bytes] = []
    content = aiter(response)
    async for chunk in content:
        frames += [part for part in chunk.split(b"\n\n") if part and not part.startswith(b"retry:")]
        if len(frames) >= count:
            break
    await content.aclose()
    return frames[:count]


async def test_each_event_has_its_seq_as_id_its_type_as_name_and_the_envelope_as_data() -> None:
    case_id, headers = await sync_to_async(open_case)()
    response = await AsyncClient().get(f"/api/v2/triage/stream/{case_id}", headers=headers)
    assert response["Content-Type"].startswith("text/event-stream")
    assert response["Cache-Control"] == "no-store, no-transform"
    assert response["X-Accel-Buffering"] == "no"
    (frame,) = await read(response, 1)
    lines = frame.decode().split("\n")
    assert lines[:2] == ["id: 1", "event: triage_started"]
    body = json.loads(lines[2].removeprefix("data: "))
    assert (body["case_id"], body["seq"], body["type"]) == (case_id, 1, "triage_started")


@pytest.mark.parametrize("how", ["header", "query"])
async def test_a_cursor_resumes_behind_it(how: str) -> None:
    case_id, headers = await sync_to_async(open_case)()
    if how == "header":
        headers["last-event-id"] = "2"
    query = "?after=2" if how == "query" else ""
    response = await AsyncClient().get(f"/api/v2/triage/stream/{case_id}{query}", headers=headers)
    assert (await read(response, 1))[0].startswith(b"id: 3\n")


async def test_an_unreadable_cursor_gets_a_reset() -> None:
    case_id, headers = await sync_to_async(open_case)()
    response = await AsyncClient().get(f"/api/v2/triage/stream/{case_id}?after=yesterday", headers=headers)
    assert (await read(response, 1))[0].startswith(b"event: stream_reset\n")


async def test_the_predecessors_address_begins_with_an_unnamed_snapshot() -> None:
    case_id, headers = await sync_to_async(open_case)()
    response = await AsyncClient().get(f"/api/api/v2/triage/stream/{case_id}", headers=headers)
    snapshot, first = await read(response, 2)
    assert json.loads(snapshot.removeprefix(b"data: "))["status"] == "interviewing"
    assert first.startswith(b"id: 1\n")


async def test_nobody_gets_401() -> None:
    case_id, _ = await sync_to_async(open_case)()
    response = await AsyncClient().get(f"/api/v2/triage/stream/{case_id}")
    assert response.status_code == 401
    assert json.loads(response.content)["code"] == "not_signed_in"


async def test_a_bad_key_gets_401() -> None:
    case_id, _ = await sync_to_async(open_case)()
    response = await AsyncClient().get(
        f"/api/v2/triage/stream/{case_id}", headers={"authorization": "Bearer tri_wrong"}
    )
    assert response.status_code == 401


async def test_a_stranger_and_an_unknown_case_get_the_same_404() -> None:
    case_id, _ = await sync_to_async(open_case)()
    headers = await sync_to_async(strangers_key)()
    theirs = await AsyncClient().get(f"/api/v2/triage/stream/{case_id}", headers=headers)
    unknown = await AsyncClient().get("/api/v2/triage/stream/case_unknown", headers=headers)
    assert theirs.status_code == unknown.status_code == 404
    assert theirs.content == unknown.content


async def test_a_case_that_is_over_ends_and_then_answers_204() -> None:
    case_id, headers = await sync_to_async(open_case)()
    case = await sync_to_async(orchestrator.cancel)(actor=SYSTEM, case_id=case_id)
    response = await AsyncClient().get(f"/api/v2/triage/stream/{case_id}", headers=headers)
    frames = await read(response, case.last_seq + 1)
    assert frames[-1].startswith(b"event: stream_end\n")
    headers["last-event-id"] = str(case.last_seq)
    again = await AsyncClient().get(f"/api/v2/triage/stream/{case_id}", headers=headers)
    assert again.status_code == 204


async def test_the_ninth_stream_of_one_person_gets_429_before_any_byte() -> None:
    case_id, headers = await sync_to_async(open_case)()
    open_streams: list[Any] = []
    for _ in range(8):
        response: Any = await AsyncClient().get(f"/api/v2/triage/stream/{case_id}", headers=headers)
        content = aiter(response)
        for _ in range(2):  # the second chunk comes from the log: the stream is counted by now
            await anext(content)
        open_streams.append(content)
    refused = await AsyncClient().get(f"/api/v2/triage/stream/{case_id}", headers=headers)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert json.loads(refused.content)["code"] == "too_many_streams"
    for content in open_streams:
        await content.aclose()
