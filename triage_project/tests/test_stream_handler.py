"""Streams through the whole application: who asks is known by key or cookie, and no thread is kept for them."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.test import Client

from triage.access import create_api_key
from triage.tests.cast import alice, make_case
from triage_project.asgi import application

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream]


def ask(path: str, host: str = "localhost", **headers: str) -> Any:  # the communicator is not typed
    named = [(b"host", host.encode()), *((k.encode(), v.encode()) for k, v in headers.items())]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": named,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    return ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]


async def answer(asked: Any) -> tuple[int, bytes]:
    """The status and the first bytes of the body."""
    await asked.send_input({"type": "http.request", "body": b"", "more_body": False})
    begun: dict[str, Any] = await asked.receive_output(timeout=10)
    body: dict[str, Any] = await asked.receive_output(timeout=10)
    return begun["status"], body["body"]


async def hang_up(asked: Any) -> None:
    await asked.send_input({"type": "http.disconnect"})
    await asked.wait(timeout=10)


def sign_in() -> tuple[str, str]:
    """The case of Alice and her session's cookie."""
    case, client = make_case(), Client()
    client.force_login(alice())
    return case.pk, f"sessionid={client.cookies['sessionid'].value}"


async def test_a_session_opens_the_stream_of_its_own_case() -> None:
    case_id, cookie = await sync_to_async(sign_in)()
    asked = ask(f"/api/v2/triage/stream/{case_id}", cookie=cookie)
    status, first = await answer(asked)
    assert (status, first[:6]) == (200, b"retry:")
    assert (await asked.receive_output(timeout=10))["body"].startswith(b"id: 1\n")
    await hang_up(asked)


async def test_a_key_does_and_nobody_gets_401() -> None:
    case_id, _ = await sync_to_async(sign_in)()
    key = await sync_to_async(create_api_key)(await sync_to_async(alice)())
    asked = ask(f"/api/v2/triage/stream/{case_id}", authorization=f"Bearer {key}")
    assert (await answer(asked))[0] == 200
    await hang_up(asked)
    status, body = await answer(ask(f"/api/v2/triage/stream/{case_id}"))
    assert (status, json.loads(body)["code"]) == (401, "not_signed_in")


async def test_a_host_that_is_not_ours_is_refused() -> None:
    case_id, cookie = await sync_to_async(sign_in)()
    status, _ = await answer(ask(f"/api/v2/triage/stream/{case_id}", host="evil.example", cookie=cookie))
    assert status == 400


async def test_threads_do_not_grow_with_streams() -> None:
    case_id, cookie = await sync_to_async(sign_in)()
    first = ask(f"/api/v2/triage/stream/{case_id}", cookie=cookie)
    await answer(first)
    before = threading.active_count()
    others = [ask(f"/api/v2/triage/stream/{case_id}", cookie=cookie) for _ in range(7)]
    for other in others:
        assert (await answer(other))[0] == 200
    assert threading.active_count() <= before + 6  # the database's threads, at most
    for asked in (first, *others):
        await hang_up(asked)
