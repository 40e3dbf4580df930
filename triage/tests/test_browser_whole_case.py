"""A whole case in Portuguese, on a phone, from the start page to the result, as a person would go."""

from __future__ import annotations

from itertools import count

import pytest
from playwright.sync_api import Browser, Page, expect

from triage.tests.browsing import answer, begin, in_conversation, phone, screenshots
from triage.tests.live_site import LiveSite

pytestmark = pytest.mark.browser

MOST_QUESTIONS = 30


def give_an_answer(page: Page) -> None:
    options = page.locator("#composer .option")
    if options.count():
        options.first.tap()
    else:
        page.fill("#composer [name=text]", "Em Recife, no mês passado")
        page.press("#composer [name=text]", "Enter")


def test_a_person_tells_a_case_and_reads_the_result(chromium: Browser, live_site: LiveSite) -> None:
    pictures, number = screenshots(), count(1)

    def keep(what: str) -> None:
        page.screenshot(path=pictures / f"{next(number):02d}-{what}.png", full_page=True)

    with phone(chromium, live_site.base_url, has_touch=True) as context:
        page = context.new_page()
        page.goto("/")
        keep("inicio")
        begin(page, "Fui demitido sem justa causa em 3 de março e não recebi a rescisão de R$ 12.000")
        expect(page.locator(".mine .words").first).to_contain_text("demitido sem justa causa")
        expect(page.locator("#connection")).to_have_text("ao vivo")
        keep("conversa")
        asked = 0
        while in_conversation(page):
            answer(page, lambda: give_an_answer(page))
            if in_conversation(page):
                expect(page.locator(".theirs .asks").last).to_be_in_viewport()
            asked += 1
            assert asked < MOST_QUESTIONS
            if asked == 3:
                keep("meio-da-conversa")
        page.wait_for_url("**/result/")
        expect(page.locator("h1")).to_have_text("Trabalho")
        expect(page.locator(".evidence")).to_contain_text("12.000")
        expect(page.locator(".documents li").first).to_be_visible()
        expect(page.locator(".steps li").first).to_be_visible()
        keep("resultado")
        page.click("form[action$='/return-code/'] button")
        code = page.locator(".code output").inner_text()
        keep("codigo")

    with phone(chromium, live_site.base_url) as other_device:
        page = other_device.new_page()
        page.goto("/return/")
        page.fill("#code", code.lower().replace("-", " "))
        page.click(".return-form button")
        expect(page.locator("h1")).to_have_text("Trabalho")
