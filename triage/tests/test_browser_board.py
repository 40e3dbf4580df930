"""The board in a real browser: it moves by itself, keeps what somebody writes, and works by keyboard and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from triage.tests.browsing import phone, screenshots
from triage.tests.live_site import LiveSite

pytestmark = pytest.mark.browser

WIDTHS = {"phone": 360, "small": 320, "desk": 1280}
DANGER = "Meu marido me bate e tenho medo de voltar para casa"


@contextmanager
def staff(browser: Browser, site: LiveSite, **options: Any) -> Iterator[Page]:
    with phone(browser, site.base_url, **options) as context:
        page = context.new_page()
        page.goto("/board/")
        page.fill("[name=username]", site.username)
        page.fill("[name=password]", site.password)
        page.click("[type=submit]")
        page.wait_for_url("**/board/")
        yield page


def tell(page: Page, site: LiveSite, words: str) -> str:
    """A case, as a program tells it."""
    headers = {"Authorization": f"Bearer {site.api_key}"}
    told = page.request.post("/api/v2/triage/start", headers=headers, data={"message": words})
    return str(told.json()["case_id"])


def finish(page: Page, site: LiveSite, case_id: str) -> None:
    headers = {"Authorization": f"Bearer {site.api_key}"}
    assert page.request.post("/api/v2/triage/force-complete", headers=headers, data={"case_id": case_id}).ok


def picture(page: Page) -> None:
    """At each width and in both schemes; nothing may stand out at the side."""
    for name, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=screenshots() / f"board-{name}-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"too wide for {width}"


def test_it_moves_by_itself_and_keeps_what_somebody_opened_and_stands_on(
    chromium: Browser, live_site: LiveSite
) -> None:
    with staff(chromium, live_site) as page:
        expect(page.locator("#connection")).to_have_class("connection is-live")
        page.evaluate("document.body.dataset.mark = 'same page'")
        page.click("#filters > summary")
        link = page.locator("#h-batches a")
        link.focus()
        with live_site.without_worker():
            case_id = tell(page, live_site, DANGER)
            alert = page.locator(".alerts li", has=page.locator(f"a[title={case_id}]"))
            expect(alert).to_be_visible()
            finish(page, live_site, case_id)
            expect(page.locator("[data-part=lanes] .figures dd").first).not_to_have_text("0")
            picture(page)
        expect(page.locator("[data-part=lanes] .figures dd").first).to_have_text("0")
        assert page.evaluate("document.body.dataset.mark") == "same page"
        assert page.locator("#filters").get_attribute("open") is not None
        assert link.evaluate("element => element === document.activeElement")
        assert page.title().startswith("(")
        alert.locator("button").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".flash")).to_be_visible()
        expect(page.locator(f".alerts a[title={case_id}]")).to_have_count(0)


def test_workers_and_schedule_are_there(chromium: Browser, live_site: LiveSite) -> None:
    with staff(chromium, live_site) as page:
        expect(page.locator("[data-part=workers] .row-head strong", has_text="worker@")).to_have_count(1)
        expect(page.locator("[data-part=workers] .processes li").first).to_contain_text("MB")
        expect(page.locator("[data-part=schedule] li")).to_have_count(5)
        expect(page.locator("[data-part=schedule] .is-paused")).to_have_count(0)


def test_what_somebody_chooses_stays_while_the_board_moves(chromium: Browser, live_site: LiveSite) -> None:
    with staff(chromium, live_site) as page:
        page.click("#filters > summary")
        page.select_option("#f-lane", "batch")
        page.locator("#h-batches a").focus()
        with page.expect_response("**/board/parts/"):
            tell(page, live_site, "Meu vizinho me deve dinheiro")
        with page.expect_response("**/board/parts/"):
            tell(page, live_site, "Meu vizinho me deve dinheiro")
        assert page.locator("#f-lane").input_value() == "batch"
        page.click("#filters [type=submit]")
        page.wait_for_url("**/board/?lane=batch*")
        expect(page.locator("[data-part=lanes] article")).to_have_count(1)


def test_without_javascript_it_is_all_there(chromium: Browser, live_site: LiveSite) -> None:
    with staff(chromium, live_site, java_script_enabled=False) as page:
        case_id = tell(page, live_site, DANGER)
        page.goto("/board/")
        page.locator(".alerts li", has=page.locator(f"a[title={case_id}]")).locator("button").click()
        expect(page.locator(".flash")).to_be_visible()
        page.goto("/board/?still")
        assert page.locator("meta[http-equiv=refresh]").count() == 0
