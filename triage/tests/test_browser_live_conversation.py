"""The conversation is live in every tab, and words are never lost on the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from triage.tests.browsing import answer, begin, phone
from triage.tests.live_site import LiveSite
from triage_project.tests.booted import manage

pytestmark = pytest.mark.browser


def type_and_send(page: Page, words: str) -> None:
    page.fill("#composer [name=text]", words)
    page.press("#composer [name=text]", "Enter")


def model_says(live_site: LiveSite, case_id: str, *pieces: str) -> None:
    """As a turn does while a model words the next question."""
    said = f"from triage import broadcast\nfor words in {pieces!r}: broadcast.message_delta({case_id!r}, words)\n"
    done = manage("shell", "-c", f"{said}assert broadcast.drain(10)", TRIAGE_DATA_DIR=str(live_site.up.data_dir))
    assert done.returncode == 0, done.stderr


def test_two_tabs_show_the_same_messages_once(chromium: Browser, live_site: LiveSite) -> None:
    with phone(chromium, live_site.base_url) as context:
        first, second = context.new_page(), context.new_page()
        case_id = begin(first, "Meu chefe não me paga há três meses")
        second.goto(f"/cases/{case_id}/")
        expect(second.locator("#connection")).to_have_text("ao vivo")
        answer(first, lambda: type_and_send(first, "moro em Recife, perto do mar"))
        expect(second.locator(".mine .words").last).to_have_text("moro em Recife, perto do mar")
        for page in (first, second):
            expect(page.get_by_text("moro em Recife, perto do mar", exact=True)).to_have_count(1)
        assert first.locator(".bubble").all_inner_texts() == second.locator(".bubble").all_inner_texts()


def test_what_is_typed_in_one_tab_stays_while_another_tab_answers(chromium: Browser, live_site: LiveSite) -> None:
    with phone(chromium, live_site.base_url) as context:
        first, second = context.new_page(), context.new_page()
        case_id = begin(first, "Meu chefe não me paga há três meses")
        second.goto(f"/cases/{case_id}/")
        second.fill("#composer [name=text]", "ainda estou escrevendo")
        before = first.input_value("#composer [name=question_id]")
        answer(first, lambda: type_and_send(first, "não sei"))
        after = first.input_value("#composer [name=question_id]")
        assert after != before
        expect(second.locator("#composer [name=question_id]")).to_have_value(after)
        expect(second.locator("#composer [name=text]")).to_have_value("ainda estou escrevendo")


def test_a_reply_is_read_while_it_is_written_in_every_tab(chromium: Browser, live_site: LiveSite) -> None:
    with phone(chromium, live_site.base_url) as context:
        pages = first, second = context.new_page(), context.new_page()
        case_id = begin(first, "Meu chefe não me paga há três meses")
        second.goto(f"/cases/{case_id}/")
        for page in pages:
            expect(page.locator("#connection")).to_have_text("ao vivo")
        model_says(live_site, case_id, "Em que ", "cidade?")
        for page in pages:
            expect(page.locator(".writing .words")).to_have_text("Em que cidade?")
        answer(first, lambda: type_and_send(first, "não sei"))
        for page in pages:
            expect(page.locator(".writing")).to_have_count(0)
            expect(page.get_by_text("Em que cidade?", exact=True)).to_have_count(0)  # what was said stands instead


def test_words_stay_when_another_tab_ends_the_conversation(chromium: Browser, live_site: LiveSite) -> None:
    with phone(chromium, live_site.base_url) as context:
        first, second = context.new_page(), context.new_page()
        case_id = begin(first, "Meu chefe não me paga há três meses")
        second.goto(f"/cases/{case_id}/")
        second.fill("#composer [name=text]", "ainda estou escrevendo")
        first.get_by_text("Não quero continuar").click()
        first.click("form[action$='/stop/'] button")
        expect(second.locator("[data-live=standing]")).not_to_be_empty()
        expect(second.locator("#composer [name=text]")).to_have_value("ainda estou escrevendo")
        second.press("#composer [name=text]", "Enter")
        expect(second.locator("[data-kept]")).to_have_text("ainda estou escrevendo")


def test_words_stay_in_the_box_when_sending_fails_and_after_a_reload(chromium: Browser, live_site: LiveSite) -> None:
    with phone(chromium, live_site.base_url) as context:
        page = context.new_page()
        begin(page, "Bati o carro")
        expect(page.locator("#connection")).to_have_text("ao vivo")  # the page's scripts run
        page.route("**/say/", lambda route: route.abort())
        type_and_send(page, "uma longa história")
        expect(page.locator("[data-problem]")).to_contain_text("Não foi possível enviar")
        expect(page.locator("#composer [name=text]")).to_have_value("uma longa história")
        page.reload()
        expect(page.locator("#composer [name=text]")).to_have_value("uma longa história")
        page.unroute("**/say/")
        answer(page, lambda: page.press("#composer [name=text]", "Enter"))
        expect(page.locator(".mine .words").last).to_have_text("uma longa história")
        expect(page.locator("#composer [name=text]")).to_have_value("")
