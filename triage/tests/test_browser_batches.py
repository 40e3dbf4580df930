"""Staff upload a file in a real browser and watch it: the counts move without a reload, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from triage.tests.browsing import PHONE, phone, screenshots
from triage.tests.live_site import LiveSite

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 900}
COUNT = 120  # rows, which take longer than a page needs to come again
ROWS = "texto;in_danger\n" + "".join(f"Fui demitido sem justa causa em março, caso {n};não\n" for n in range(COUNT))
SPOILED = (
    "texto;id;in_danger\nMeu vizinho me deve dinheiro;1;talvez\n;2;\nComprei um celular com defeito;1;sim\noi;4;\n"
)


@contextmanager
def staff(browser: Browser, site: LiveSite, **options: Any) -> Iterator[Page]:
    with phone(browser, site.base_url, **options) as context:
        page = context.new_page()
        page.goto("/batches/")
        page.fill("[name=username]", site.username)
        page.fill("[name=password]", site.password)
        page.click("[type=submit]")
        page.wait_for_url("**/batches/")
        yield page


def upload(page: Page, content: str, name: str = "casos.csv") -> None:
    page.goto("/batches/")
    page.set_input_files("#file", {"name": name, "mimeType": "text/csv", "buffer": content.encode("cp1252")})
    page.select_option("#flow", "legal-intake")
    page.select_option("#language", "pt-BR")
    page.click("#upload [type=submit]")
    page.wait_for_selector(".tally")


def picture(page: Page, name: str) -> None:
    """At both widths and in both schemes; nothing may stand out at the side."""
    for width, size in (("phone", PHONE), ("desk", DESK)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=screenshots() / f"batch-{name}-{width}-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide for a {width}"


def test_the_counts_move_by_themselves_until_the_results_are_there(chromium: Browser, live_site: LiveSite) -> None:
    with staff(chromium, live_site) as page:
        with live_site.without_worker():
            upload(page, ROWS)
            picture(page, "ready")
            page.click("#start")
            page.click("#pause")
            expect(page.locator(".pill")).to_have_class("pill is-paused")
            page.click("#resume")
            page.wait_for_selector("#pause")
            page.evaluate("document.body.dataset.mark = 'same page'")
        expect(page.locator(".meterbox progress")).not_to_have_attribute("value", "0", timeout=30_000)
        with live_site.without_worker():
            assert page.evaluate("document.body.dataset.mark") == "same page"
            picture(page, "running")
        expect(page.locator(".pill")).to_have_class("pill is-completed", timeout=60_000)
        picture(page, "completed")
        with page.expect_download() as download:
            page.click("a[href$='results.csv']")
        assert download.value.path().read_text("utf-8-sig").count(";completed;") == COUNT
        page.goto("/batches/")
        picture(page, "list")


def test_mistakes_stand_by_line_and_a_broken_file_beside_the_form(chromium: Browser, live_site: LiveSite) -> None:
    with staff(chromium, live_site) as page:
        upload(page, SPOILED, "com-erros.csv")
        assert page.locator(".mistakes .line").count() == 4
        picture(page, "mistakes")
        page.click("summary")
        page.click("#cancel")
        page.goto("/batches/")
        page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"cor\nazul\n"})
        page.click("#upload [type=submit]")
        expect(page.locator(".problem")).to_be_visible()
        picture(page, "refused")


def test_without_javascript_the_page_comes_again_until_all_is_done(chromium: Browser, live_site: LiveSite) -> None:
    with staff(chromium, live_site, java_script_enabled=False) as page:
        upload(page, "texto\nFui demitido ontem\nMeu vizinho me deve dinheiro\n")
        page.click("#start")
        expect(page.locator(".pill")).to_have_class("pill is-completed", timeout=60_000)
        assert page.locator("#pause, #start").count() == 0
