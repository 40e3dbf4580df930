"""Everything works without JavaScript; the progress page refreshes itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from triage.tests.browsing import begin, phone
from triage.tests.live_site import LiveSite

pytestmark = pytest.mark.browser


def test_the_progress_page_refreshes_itself_until_the_result_is_there(chromium: Browser, live_site: LiveSite) -> None:
    with phone(chromium, live_site.base_url, java_script_enabled=False) as context:
        page = context.new_page()
        begin(page, "Meu vizinho me deve dinheiro e não paga")
        loads: list[str] = []
        page.on("request", lambda request: loads.append(request.url) if "/progress/" in request.url else None)
        with live_site.without_worker():
            page.click(".ways button")
            expect(page.locator("h1")).to_have_text("À espera da análise")
            with page.expect_request("**/progress/**"):  # by itself
                pass
            assert len(loads) >= 2
        page.wait_for_url("**/result/")
        expect(page.locator(".tiles")).to_be_visible()


def test_an_answer_and_its_correction_are_taken(chromium: Browser, live_site: LiveSite) -> None:
    with phone(chromium, live_site.base_url, java_script_enabled=False) as context:
        page = context.new_page()
        begin(page, "Bati o carro")
        page.fill("#composer [name=text]", "ontem")
        page.click("#composer .send")
        expect(page.locator(".mine .words")).to_have_text(["Bati o carro", "ontem"])
        changes = page.locator(".under a")
        if changes.count() == 0:  # the first reply did not settle its question
            page.fill("#composer [name=text]", "não sei")
            page.click("#composer .send")
        changes.first.click()
        expect(page.locator(".correcting")).to_be_visible()
        page.fill("#composer [name=text]", "sim, anteontem")
        page.click("#composer .send")
        expect(page.locator(".mine .words").last).to_have_text("sim, anteontem")
