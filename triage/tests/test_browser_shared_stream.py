"""Tabs of one browser that follow the same case have one connection, and none of them misses anything."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from triage.tests.following_page import a_case, tab
from triage.tests.live_site import LiveSite

pytestmark = [pytest.mark.browser, pytest.mark.stream]


def test_two_tabs_share_a_connection_and_the_second_goes_on_when_the_first_closes(
    chromium: Browser, live_site: LiveSite
) -> None:
    with a_case(chromium, live_site) as (context, case):
        first, second = tab(context), tab(context)
        first.follow(case.case_id)
        first.wait_for_state("live")
        second.follow(case.case_id)
        second.wait_for_state("live")
        together = case.say("It was on 3 March")
        for following in (first, second):
            following.wait_for_seq(together)
        assert (len(first.streams), len(second.streams)) == (1, 0)
        first.page.close()
        alone = case.say("In Recife")
        second.wait_for_seq(alone)
        assert second.seqs() == list(range(1, alone + 1))
        assert second.streams == [f"{live_site.base_url}/api/v2/triage/stream/{case.case_id}?after={together}"]


def test_a_tab_whose_leader_sleeps_leads_itself(chromium: Browser, live_site: LiveSite) -> None:
    with a_case(chromium, live_site) as (context, case):
        asleep, following = tab(context), tab(context)
        asleep.page.goto("/healthz")
        asleep.page.evaluate(
            "name => { navigator.locks.request(name, () => new Promise(() => {})).catch(() => {}); }",
            f"triage:/api/v2/triage/stream/{case.case_id}",
        )
        following.follow(case.case_id)
        following.wait_for_state("live")
        following.wait_for_seq(case.last_seq())
        assert len(following.streams) == 1


def test_the_end_is_told_to_every_tab(chromium: Browser, live_site: LiveSite) -> None:
    with a_case(chromium, live_site) as (context, case):
        tabs = [tab(context), tab(context)]
        for following in tabs:
            following.follow(case.case_id)
            following.wait_for_state("live")
        case.post(f"cancel/{case.case_id}")
        for following in tabs:
            following.wait_for("told.ended === 1")
            assert following.seqs() == list(range(1, case.last_seq() + 1))
            assert following.told()["states"][-1] == "over"


@pytest.mark.parametrize("missing", ["Navigator.prototype.locks", "window.BroadcastChannel"])
def test_where_tabs_cannot_share_each_has_its_own(chromium: Browser, live_site: LiveSite, missing: str) -> None:
    with a_case(chromium, live_site) as (context, case):
        context.add_init_script(f"delete {missing};")
        tabs = [tab(context), tab(context)]
        for following in tabs:
            following.follow(case.case_id)
            following.wait_for_state("live")
        last = case.say("It was on 3 March")
        for following in tabs:
            following.wait_for_seq(last)
            assert following.seqs() == list(range(1, last + 1))
            assert len(following.streams) == 1
