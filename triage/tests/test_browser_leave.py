"""The way out: at once, and not back again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from triage.tests.browsing import begin, phone
from triage.tests.live_site import LiveSite

pytestmark = pytest.mark.browser

NEUTRAL = "https://www.google.com/**"


def with_neutral_site(page: Page) -> Page:
    page.route(NEUTRAL, lambda route: route.fulfill(body="<h1>Sol e calor</h1>", content_type="text/html"))
    return page


def test_the_button_is_in_view_on_every_page_and_leaves(chromium: Browser, live_site: LiveSite) -> None:
    with phone(chromium, live_site.base_url) as context:
        page = with_neutral_site(context.new_page())
        case_id = begin(page, "Meu marido me bateu")
        for path in ("/", "/cases/", "/return/", f"/cases/{case_id}/progress/", "/nowhere/", f"/cases/{case_id}/"):
            page.goto(path)
            page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
            if path != "/nowhere/":  # on a developer's machine that is Django's own page
                expect(page.locator(".leave")).to_be_in_viewport()
        page.click(".leave")
        expect(page.locator("h1")).to_have_text("Sol e calor")


def test_who_goes_back_afterwards_is_sent_out_again(chromium: Browser, live_site: LiveSite) -> None:
    with phone(chromium, live_site.base_url) as context:
        page = with_neutral_site(context.new_page())
        begin(page, "Meu marido me bateu")
        page.fill("#composer [name=text]", "palavras que ninguém deve ver")
        page.click(".leave")
        expect(page.locator("h1")).to_have_text("Sol e calor")
        page.go_back(wait_until="commit")
        expect(page.locator("h1")).to_have_text("Sol e calor")
        assert "google" in page.url


def test_esc_pressed_twice_leaves_and_once_does_not(chromium: Browser, live_site: LiveSite) -> None:
    with phone(chromium, live_site.base_url) as context:
        page = with_neutral_site(context.new_page())
        page.goto("/")
        page.keyboard.press("Escape")
        expect(page.locator("#start-form")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("h1")).to_have_text("Sol e calor")
