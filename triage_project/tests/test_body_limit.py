"""Nobody fills the disk: a body that is longer than any may be is refused before it is read."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from triage_project.body_limit import FORM, within_limit


class Asked:
    """An application that reads the whole body, and who asks it."""

    def __init__(self, pieces: list[bytes], length: int | None) -> None:
        self.pieces = pieces
        headers = [] if length is None else [(b"content-length", str(length).encode())]
        self.scope = {"type": "http", "headers": headers}
        self.read = 0
        self.was_cut = False
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        piece = self.pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    async def application(self, _scope: Any, receive: Any, _send: Any) -> None:
        while (message := await receive())["type"] != "http.disconnect":
            self.read += len(message["body"])
            if not message["more_body"]:
                return
        self.was_cut = True

    async def ask(self) -> None:
        await within_limit(self.application, self.scope, self.receive, self.send)


@pytest.fixture(autouse=True)
def a_hundred_bytes(settings: Settings) -> None:
    settings.BATCH_MOST_BYTES = 100


async def test_a_body_that_says_it_is_too_long_is_refused_unread() -> None:
    asked = Asked([b"x" * 10], 100 + FORM + 1)
    await asked.ask()
    assert asked.sent[0]["status"] == 413
    assert b'"too_big"' in asked.sent[1]["body"]
    assert asked.read == 0


async def test_a_body_that_does_not_tell_its_length_is_cut_off() -> None:
    asked = Asked([b"x" * FORM, b"x" * 100, b"x", b"x" * FORM], None)
    await asked.ask()
    assert asked.was_cut
    assert asked.read <= FORM + 100


async def test_any_other_body_is_read_whole() -> None:
    for length in (50, None):
        asked = Asked([b"x" * 30, b"x" * 20], length)
        await asked.ask()
        assert (asked.read, asked.was_cut, asked.sent) == (50, False, [])
