"""The WebSocket: the same events, words in, and refusals with codes that a browser can read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from pytest_django import Settings

from conversations.models import Message
from triage import orchestrator
from triage.access import actor_of, create_api_key
from triage.models import ApiKey
from triage.tests.loaded_flows import load_small_flow
from triage_project.asgi import application

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream]


def owner_with_key(name: str) -> tuple[User, str]:
    user = User.objects.create_user(name)
    return user, create_api_key(user)


def open_case(user: User) -> str:
    load_small_flow()
    return orchestrator.open_case(
        actor=actor_of(user, None), flow_id="three-questions", language="en", text="My roof leaks"
    ).case_id


def socket(case_id: str, key: str = "", origin: str | None = "http://localhost") -> WebsocketCommunicator:
    headers = [(b"host", b"localhost")]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    if key:
        headers.append((b"authorization", f"Bearer {key}".encode()))
    return WebsocketCommunicator(application, f"/ws/triage/{case_id}/", headers=headers)


async def receive(connection: WebsocketCommunicator, type_: str) -> dict[str, Any]:
    """The next frame of `type_`; others are passed over."""
    while True:
        frame = json.loads(await connection.receive_from(timeout=10))
        if frame["type"] == type_:
            return dict(frame)


async def close_code(connection: WebsocketCommunicator) -> int:
    connected, _ = await connection.connect(timeout=10)
    assert connected
    closed = await connection.receive_output(timeout=10)
    assert closed["type"] == "websocket.close"
    return int(closed["code"])


async def test_following_gives_every_event_after_the_cursor() -> None:
    user, key = await sync_to_async(owner_with_key)("alice")
    case_id = await sync_to_async(open_case)(user)
    connection = socket(case_id, key)
    await connection.connect(timeout=10)
    await connection.send_to(json.dumps({"type": "follow", "after": 1}))
    first = json.loads(await connection.receive_from(timeout=10))
    assert first["seq"] == 2
    assert first["case_id"] == case_id
    await connection.disconnect()


async def test_words_said_over_the_socket_come_back_as_events() -> None:
    user, key = await sync_to_async(owner_with_key)("alice")
    case_id = await sync_to_async(open_case)(user)
    connection = socket(case_id, key)
    await connection.connect(timeout=10)
    await connection.send_to(json.dumps({"type": "follow", "after": 0}))
    await connection.send_to(json.dumps({"type": "say", "text": "yesterday", "key": "k1"}))
    said = await receive(connection, "said")
    assert said["key"] == "k1"
    await connection.send_to(json.dumps({"type": "say", "text": "yesterday", "key": "k1"}))
    assert (await receive(connection, "said"))["last_seq"] == said["last_seq"]
    assert await Message.objects.filter(text="yesterday").acount() == 1
    await connection.disconnect()


async def test_a_program_has_no_origin_but_a_key() -> None:
    user, key = await sync_to_async(owner_with_key)("alice")
    case_id = await sync_to_async(open_case)(user)
    connection = socket(case_id, key, origin=None)
    connected, _ = await connection.connect(timeout=10)
    assert connected
    await connection.send_to(json.dumps({"type": "follow", "after": 0}))
    assert (await receive(connection, "triage_started"))["seq"] == 1
    await connection.disconnect()
    connected, _ = await socket(case_id, origin=None).connect(timeout=10)
    assert not connected


async def test_who_lost_the_right_says_nothing_more() -> None:
    user, key = await sync_to_async(owner_with_key)("alice")
    case_id = await sync_to_async(open_case)(user)
    connection = socket(case_id, key)
    await connection.connect(timeout=10)
    await connection.send_to("{}")
    await receive(connection, "error")  # it was let in by now
    await ApiKey.objects.aupdate(revoked_at="2026-01-01T00:00:00Z")
    await connection.send_to(json.dumps({"type": "say", "text": "yesterday"}))
    assert (await receive(connection, "error"))["code"] == "case_not_found"
    assert not await Message.objects.filter(text="yesterday").aexists()
    await connection.disconnect()


async def test_the_ninth_socket_of_one_person_is_closed_with_4429() -> None:
    user, key = await sync_to_async(owner_with_key)("alice")
    case_id = await sync_to_async(open_case)(user)
    opened = [socket(case_id, key) for _ in range(8)]
    for connection in opened:
        await connection.connect(timeout=10)
        await connection.send_to("{}")
        await receive(connection, "error")
    assert await close_code(socket(case_id, key)) == 4429
    for connection in opened:
        await connection.disconnect()
    connection = socket(case_id, key)
    await connection.connect(timeout=10)
    await connection.send_to("{}")
    await receive(connection, "error")
    await connection.disconnect()


async def test_who_follows_anew_needs_no_second_place(settings: Settings) -> None:
    settings.STREAMS_PER_ACTOR = 1
    user, key = await sync_to_async(owner_with_key)("alice")
    case_id = await sync_to_async(open_case)(user)
    connection = socket(case_id, key)
    await connection.connect(timeout=10)
    for _ in range(5):
        await connection.send_to(json.dumps({"type": "follow", "after": 0}))
        assert (await receive(connection, "triage_started"))["seq"] == 1
    await connection.disconnect()


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        pytest.param("[" * 60_000, id="deep"),
        '{"type": "say", "text": "x", "key": "\\ud800"}',
        "[]",
        "{}",
        '{"type": "dance"}',
        '{"type": "follow", "after": "x"}',
        '{"type": "say"}',
    ],
)
async def test_a_malformed_frame_gets_an_error_frame_and_the_socket_lives(frame: str) -> None:
    user, key = await sync_to_async(owner_with_key)("alice")
    case_id = await sync_to_async(open_case)(user)
    connection = socket(case_id, key)
    await connection.connect(timeout=10)
    await connection.send_to(frame)
    assert (await receive(connection, "error"))["code"] == "invalid_input"
    await connection.send_to(json.dumps({"type": "follow", "after": 0}))
    assert (await receive(connection, "triage_started"))["seq"] == 1
    await connection.disconnect()


async def test_nobody_is_closed_with_4401() -> None:
    user, _ = await sync_to_async(owner_with_key)("alice")
    case_id = await sync_to_async(open_case)(user)
    assert await close_code(socket(case_id)) == 4401


async def test_a_stranger_and_an_unknown_case_are_both_closed_with_4404() -> None:
    user, _ = await sync_to_async(owner_with_key)("alice")
    _, key = await sync_to_async(owner_with_key)("charlie")
    case_id = await sync_to_async(open_case)(user)
    assert await close_code(socket(case_id, key)) == 4404
    assert await close_code(socket("case_unknown", key)) == 4404


async def test_an_address_without_a_case_is_closed_with_4404() -> None:
    headers = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
    assert await close_code(WebsocketCommunicator(application, "/ws/nothing/", headers=headers)) == 4404


async def test_another_sites_page_is_refused_at_the_handshake() -> None:
    user, key = await sync_to_async(owner_with_key)("alice")
    case_id = await sync_to_async(open_case)(user)
    connected, _ = await socket(case_id, key, origin="https://evil.example").connect(timeout=10)
    assert not connected
