"""A case's page in the admin follows its case while staff look at it, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from triage.tests.browsing import PATIENCE
from triage.tests.live_site import LiveSite

pytestmark = pytest.mark.browser


def sign_in(chromium: Browser, site: LiveSite) -> Page:
    page = chromium.new_context(base_url=site.base_url, locale="en-US").new_page()
    page.set_default_timeout(PATIENCE)
    page.goto("/admin/login/")
    page.fill("[name=username]", site.username)
    page.fill("[name=password]", site.password)
    page.press("[name=password]", "Enter")
    page.wait_for_selector("#logout-form")
    return page


def client_of(page: Page, site: LiveSite) -> Callable[..., dict[str, Any]]:
    """The owner of a case, elsewhere, by the API."""

    def call(verb: str, **body: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {site.api_key}"}
        answer = page.request.post(f"/api/v2/triage/{verb}", data=body, headers=headers)
        assert answer.ok, answer.text()
        told: dict[str, Any] = answer.json()
        return told

    return call


def test_what_happens_is_seen_without_a_reload(chromium: Browser, live_site: LiveSite) -> None:
    page = sign_in(chromium, live_site)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    client = client_of(page, live_site)
    case = client("start", language="en", message="I was fired and not paid")
    page.goto(f"/admin/triage/case/{case['case_id'].replace('_', '_5F')}/change/")
    expect(page.locator("#live-note")).to_have_attribute("data-state", "live")
    expect(page.locator("#timeline li")).to_have_count(case["last_seq"])
    page.locator("#timeline summary").first.click()
    page.evaluate("window.sameDocument = true")

    client("continue", case_id=case["case_id"], message="It was on 3 March")
    expect(page.locator(".bubble.client").last).to_contain_text("It was on 3 March")
    client(f"cancel/{case['case_id']}")

    expect(page.locator("#timeline li").last).to_contain_text("Cancelled")
    expect(page.locator(".badges .state-cancelled")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.locator("#live-note")).to_have_attribute("data-state", "over")
    expect(page.locator("#timeline details").first).to_have_attribute("open", "")
    seqs = page.locator("#timeline li").evaluate_all("items => items.map(item => Number(item.dataset.seq))")
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) > case["last_seq"]
    assert page.evaluate("window.sameDocument") is True
    assert problems == []


def test_a_button_asks_and_then_acts(chromium: Browser, live_site: LiveSite) -> None:
    page = sign_in(chromium, live_site)
    case = client_of(page, live_site)("start", language="en", message="I was fired and not paid")
    page.goto(f"/admin/triage/case/{case['case_id'].replace('_', '_5F')}/change/")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".messagelist .success")).to_contain_text(case["case_id"])
    expect(page.locator(".badges .state-cancelled")).to_be_visible()
