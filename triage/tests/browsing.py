"""A real Chromium for tests, and what people do in it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
PHONE = {"width": 390, "height": 844}
PATIENCE = 20_000  # milliseconds


@pytest.fixture
def chromium() -> Iterator[Browser]:
    """Started for each test: while Playwright runs, its event loop would forbid Django's queries to later tests."""
    if not CHROMIUM.exists():
        missing = f"{CHROMIUM} is missing (Debian: apt-get install chromium)"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield browser
        browser.close()


@contextmanager
def phone(browser: Browser, base_url: str, **options: Any) -> Iterator[BrowserContext]:
    """A cheap phone in Brazil; any error in a page's script fails the test."""
    context = browser.new_context(base_url=base_url, viewport=PHONE, locale="pt-BR", is_mobile=True, **options)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context
    context.close()
    assert not errors


def begin(page: Page, words: str) -> str:
    """From the start page into a conversation; returns the case's id."""
    page.goto("/")
    page.fill("#start-form [name=text]", words)
    page.check("#consent")
    page.click("#start-form [type=submit]")
    page.wait_for_selector("#composer")
    return page.url.split("/cases/")[1].split("/")[0]


def in_conversation(page: Page) -> bool:
    return page.url.split("#")[0].split("?")[0].count("/") == 5 and page.locator("#composer").count() == 1


def answer(page: Page, act: Callable[[], None]) -> None:
    """Do `act`, which sends an answer, and wait until the page shows what came of it."""
    before = page.get_attribute("#main", "data-last-seq")
    act()
    page.wait_for_function(
        """before => {
            const main = document.getElementById("main");
            return !main || main.dataset.lastSeq !== before && !("sending" in main.dataset);
        }""",
        arg=before,
    )


def screenshots() -> Path:
    """Where pictures go: SCREENSHOTS_DIR, else a directory that is left behind to be looked at."""
    given = os.environ.get("SCREENSHOTS_DIR")
    folder = Path(given) if given else Path(tempfile.gettempdir()) / "triage-screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
