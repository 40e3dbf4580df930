"""A page with nothing but the browser's stream client, which keeps all it is told; and a case that it may follow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request

from triage.tests.browsing import PATIENCE, phone
from triage.tests.live_site import LiveSite

STREAM = "**/api/v2/triage/stream/*"
LOG = "**/api/v2/triage/events/*"
CLIENT = """
import { follow } from "/static/triage/stream.js";
window.told = { seen: [], states: [], resets: 0, refused: [], ended: 0 };
follow(%s, %d, {
  seen: (event) => told.seen.push(event),
  state: (name) => told.states.push(name),
  reset: () => { told.resets += 1; told.seen = []; },
  refused: (status) => told.refused.push(status),
  ended: () => { told.ended += 1; },
});
"""


@dataclass(frozen=True, slots=True)
class Case:
    """Of somebody who speaks by the API, elsewhere."""

    site: LiveSite
    context: BrowserContext
    case_id: str

    def post(self, verb: str, **body: str) -> None:
        called(self.context, self.site, verb, **body)

    def say(self, words: str) -> int:
        """Returns the last seq after it."""
        told = called(self.context, self.site, "continue", case_id=self.case_id, message=words)
        return int(told["last_seq"])

    def log(self) -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self.site.api_key}"}
        answer = self.context.request.get(f"/api/v2/triage/events/{self.case_id}", headers=headers)
        events: list[dict[str, Any]] = answer.json()["events"]
        return events

    def last_seq(self) -> int:
        return int(self.log()[-1]["seq"])


def called(context: BrowserContext, site: LiveSite, verb: str, **body: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {site.api_key}"}
    answer = context.request.post(f"/api/v2/triage/{verb}", data=body, headers=headers)
    assert answer.ok, answer.text()
    told: dict[str, Any] = answer.json()
    return told


@contextmanager
def a_case(browser: Browser, site: LiveSite) -> Iterator[tuple[BrowserContext, Case]]:
    """A browser that is signed in as staff, and a case of somebody else."""
    with phone(browser, site.base_url) as context:
        page = context.new_page()
        page.goto("/admin/login/")
        page.fill("[name=username]", site.username)
        page.fill("[name=password]", site.password)
        page.press("[name=password]", "Enter")
        page.wait_for_selector("#logout-form")
        page.close()
        opened = called(context, site, "start", language="en", message="I was fired and not paid")
        yield context, Case(site, context, opened["case_id"])


@dataclass(frozen=True, slots=True)
class Following:
    """A tab that follows. `streams`: the requests for the stream that it made."""

    page: Page
    streams: list[str]

    def follow(self, case_id: str, after: int = 0) -> None:
        self.page.goto("/healthz")  # from the server itself: Chromium lets no other page open a socket to this machine
        address = json.dumps(f"/api/v2/triage/stream/{case_id}")
        self.page.add_script_tag(type="module", content=CLIENT % (address, after))
        self.page.wait_for_function("window.told !== undefined")

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = self.page.evaluate("told")
        return told

    def seqs(self) -> list[int]:
        return [event["seq"] for event in self.told()["seen"]]

    def wait_for_seq(self, seq: int) -> None:
        self.wait_for("told.seen.some(event => event.seq >= wanted)", seq)

    def wait_for_state(self, state: str) -> None:
        self.wait_for("told.states.at(-1) === wanted", state)

    def wait_for(self, condition: str, wanted: object = None) -> None:
        self.page.wait_for_function(f"wanted => {condition}", arg=wanted, timeout=2 * PATIENCE)


def tab(context: BrowserContext) -> Following:
    page = context.new_page()
    streams: list[str] = []

    def note(request: Request) -> None:
        if "/api/v2/triage/stream/" in request.url:
            streams.append(request.url)

    page.on("request", note)
    return Following(page, streams)


def without_websocket(following: Following, port: int) -> None:
    """Every WebSocket goes where nobody listens."""
    following.page.add_init_script(
        f"WebSocket = class extends WebSocket {{ constructor() {{ super('ws://127.0.0.1:{port}/'); }} }};"
    )
