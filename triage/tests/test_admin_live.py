"""A case's page in the admin follows its case while staff look at it, in a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect, sync_playwright

from triage import orchestrator
from triage.models import Case
from triage.tests.cast import acting, alice, bob, make_case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
T = TypeVar("T")
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
def address(session_valkey: object) -> Iterator[str]:
    """A web server of its own on the tests' database and Redis."""
    if connection.vendor != "sqlite":
        pytest.skip("the server is handed the tests' SQLite file")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}"}
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "triage_project.asgi:application"]
    server = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    try:
        assert server.stderr
        for line in server.stderr:
            if "Listening on TCP" in line:
                break
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def session(client: Client) -> str:
    """Bob, signed in."""
    client.force_login(bob())
    return client.cookies["sessionid"].value


@pytest.fixture
def case() -> Case:
    return make_case()


@pytest.fixture
def page(address: str, session: str, case: Case) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(base_url=address, locale="en")
        context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        yield context.new_page()
        browser.close()


def elsewhere(verb: Callable[[], T]) -> T:
    """In a thread of its own: the browser's event loop runs in ours, where Django refuses to touch the database."""

    def call() -> T:
        try:
            return verb()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()


def test_what_happens_is_seen_without_a_reload(case: Case, page: Page) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(reverse("admin:triage_case_change", args=[case.pk]))
    expect(page.locator("#live-note")).to_have_attribute("data-state", "live")
    expect(page.locator("#timeline li")).to_have_count(case.last_seq)
    page.locator("#timeline summary").first.click()
    page.evaluate("window.sameDocument = true")

    elsewhere(lambda: orchestrator.answer(actor=acting(alice()), case_id=case.pk, text="It was on 3 March"))
    expect(page.locator(".bubble.client").last).to_contain_text("It was on 3 March")
    elsewhere(lambda: orchestrator.cancel(actor=acting(bob()), case_id=case.pk))

    expect(page.locator("#timeline li").last).to_contain_text("Cancelled")
    expect(page.locator(".badges .state-cancelled")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.locator("#live-note")).to_have_attribute("data-state", "over")
    expect(page.locator("#timeline details").first).to_have_attribute("open", "")
    last_seq = elsewhere(lambda: Case.objects.get(pk=case.pk).last_seq)
    seqs = page.locator("#timeline li").evaluate_all("items => items.map(item => Number(item.dataset.seq))")
    assert seqs == list(range(1, last_seq + 1))
    assert page.evaluate("window.sameDocument") is True
    assert problems == []
