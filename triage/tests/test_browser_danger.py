"""Danger on a phone: advice, numbers and the open question are in sight at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from triage.tests.browsing import PHONE, begin, phone
from triage.tests.live_site import LiveSite

pytestmark = pytest.mark.browser


def test_advice_numbers_and_question_are_in_view_on_the_first_page(chromium: Browser, live_site: LiveSite) -> None:
    with phone(chromium, live_site.base_url, has_touch=True) as context:
        page = context.new_page()
        begin(page, "Meu marido me bateu ontem")
        expect(page.locator(".theirs .asks").last).to_be_in_viewport(ratio=1)
        expect(page.locator("#composer .option").last).to_be_in_viewport(ratio=1)
        advice = page.locator(".bubble .warning p")
        expect(advice).to_be_in_viewport(ratio=1)
        expect(page.get_by_text(advice.inner_text(), exact=True).locator("visible=true")).to_have_count(1)
        numbers = page.locator(".calls-strip a")
        assert numbers.count() >= 3
        for number in numbers.all():
            expect(number).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_many_numbers_take_one_row_and_one_tap_shows_the_others(chromium: Browser, live_site: LiveSite) -> None:
    with phone(chromium, live_site.base_url, has_touch=True) as context:
        page = context.new_page()
        begin(page, "Meu marido me bateu ontem e pensei em me matar. Estou com medo de morrer.")
        numbers = page.locator(".calls-strip a")
        assert numbers.count() > 3
        tops = {round(box["y"]) for number in numbers.locator("visible=true").all() if (box := number.bounding_box())}
        assert len(tops) == 1
        page.locator(".more-calls summary").tap()
        for number in numbers.all():
            expect(number).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_keys_are_spoken_of_only_where_there_are_some(chromium: Browser, live_site: LiveSite) -> None:
    with phone(chromium, live_site.base_url, has_touch=True) as context:
        page = context.new_page()
        page.goto("/")
        expect(page.get_by_text("Apertar Esc duas vezes")).to_be_hidden()
    desk = chromium.new_page(base_url=live_site.base_url, locale="pt-BR")
    desk.goto("/")
    expect(desk.get_by_text("Apertar Esc duas vezes")).to_be_visible()
