"""The browser's stream client loses nothing and doubles nothing, whatever stands between it and the server."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Route

from triage.tests.following_page import LOG, STREAM, a_case, tab, without_websocket
from triage.tests.live_site import LiveSite
from triage_project.tests.booted import free_port

pytestmark = [pytest.mark.browser, pytest.mark.stream]


def sse(event: dict[str, object]) -> str:
    return f"id: {event['seq']}\nevent: {event['type']}\ndata: {json.dumps(event)}\n\n"


def abort(route: Route) -> None:
    route.abort()


def hold(route: Route) -> None:
    """As a proxy that waits for the response's end."""


def page_of_a_proxy(route: Route) -> None:
    route.fulfill(status=200, body="<h1>Sign in to this network</h1>", content_type="text/html")


def test_it_goes_on_behind_the_last_event_after_the_connection_was_cut(chromium: Browser, live_site: LiveSite) -> None:
    with a_case(chromium, live_site) as (context, case):
        following = tab(context)
        following.follow(case.case_id)
        before = case.last_seq()
        following.wait_for_seq(before)
        following.wait_for_state("live")
        context.set_offline(True)
        following.wait_for_state("reconnecting")
        after = case.say("It was on 3 March")
        context.set_offline(False)
        following.wait_for_seq(after)
        following.wait_for_state("live")
        assert following.seqs() == list(range(1, after + 1))
        assert following.streams[-1].endswith(f"?after={before}")
        assert following.told()["states"][:3] == ["reconnecting", "live", "reconnecting"]


@pytest.mark.parametrize("obstacle", [abort, hold, page_of_a_proxy])
def test_a_stream_that_lets_nothing_through_gives_way_to_a_websocket(
    chromium: Browser, live_site: LiveSite, obstacle: Callable[[Route], None]
) -> None:
    with a_case(chromium, live_site) as (context, case):
        following = tab(context)
        following.page.route(STREAM, obstacle)
        with following.page.expect_websocket():
            following.follow(case.case_id)
        following.wait_for_state("live")
        last = case.say("It was on 3 March")
        following.wait_for_seq(last)
        assert following.seqs() == list(range(1, last + 1))
        assert len(following.streams) == 1


def test_without_stream_and_websocket_the_log_is_asked_until_the_case_is_over(
    chromium: Browser, live_site: LiveSite
) -> None:
    with a_case(chromium, live_site) as (context, case):
        following = tab(context)
        following.page.route(STREAM, abort)
        without_websocket(following, free_port())
        following.follow(case.case_id)
        following.wait_for_state("polling")
        following.wait_for_seq(case.say("It was on 3 March"))
        case.post(f"cancel/{case.case_id}")
        following.wait_for_state("over")
        assert following.seqs() == list(range(1, case.last_seq() + 1))
        assert following.told()["states"] == ["reconnecting", "polling", "over"]


def test_doubles_are_dropped_and_a_hole_is_filled_from_the_log_first(chromium: Browser, live_site: LiveSite) -> None:
    with a_case(chromium, live_site) as (context, case):
        log = case.log()
        first, last = log[0], log[-1]
        assert last["seq"] > 2
        following = tab(context)
        body = "retry: 1000\n\n" + "".join(sse(event) for event in (first, first, last, first, last))
        following.page.route(STREAM, lambda route: route.fulfill(body=body, content_type="text/event-stream"), times=1)
        following.page.route(LOG, abort, times=1)  # the log is out of reach at first
        following.follow(case.case_id)
        following.wait_for_seq(last["seq"])
        assert following.told()["seen"] == log
        later = case.say("It was on 3 March")
        following.wait_for_seq(later)
        assert following.seqs() == list(range(1, later + 1))


def test_a_cursor_that_the_log_never_reached_begins_anew(chromium: Browser, live_site: LiveSite) -> None:
    with a_case(chromium, live_site) as (context, case):
        following = tab(context)
        following.follow(case.case_id, after=999)
        following.wait_for_seq(case.last_seq())
        assert following.seqs() == list(range(1, case.last_seq() + 1))
        assert following.told()["resets"] == 1


def test_the_end_of_the_case_is_the_end_of_following(chromium: Browser, live_site: LiveSite) -> None:
    with a_case(chromium, live_site) as (context, case):
        following, late = tab(context), tab(context)
        following.follow(case.case_id)
        following.wait_for_state("live")
        case.post(f"cancel/{case.case_id}")
        following.wait_for("told.ended === 1")
        assert following.told()["states"][-1] == "over"
        assert following.seqs() == list(range(1, case.last_seq() + 1))
        late.follow(case.case_id, after=case.last_seq())  # answered with 204
        late.wait_for("told.ended === 1")
        assert late.told()["states"] == ["reconnecting", "over"]
        assert len(following.streams) == len(late.streams) == 1


def test_it_stops_and_says_so_when_one_may_not_look(chromium: Browser, live_site: LiveSite) -> None:
    with a_case(chromium, live_site) as (context, case):
        nowhere, stranger = tab(context), tab(context)
        nowhere.follow("case-that-is-not")
        nowhere.wait_for("told.ended === 1")
        assert nowhere.told()["refused"] == [404]
        context.clear_cookies()
        stranger.follow(case.case_id)
        stranger.wait_for("told.ended === 1")
        assert stranger.told()["refused"] == [401]
        assert stranger.told()["states"] == ["reconnecting", "refused"]


@pytest.mark.parametrize("status", [502, 404])
def test_an_error_that_is_not_the_services_own_is_not_the_end(
    chromium: Browser, live_site: LiveSite, status: int
) -> None:
    with a_case(chromium, live_site) as (context, case):
        following = tab(context)
        following.page.route(STREAM, lambda route: route.fulfill(status=status, body="no backend"), times=1)
        following.follow(case.case_id)
        following.wait_for_state("live")
        following.wait_for_seq(case.last_seq())
        assert len(following.streams) == 2


def test_a_page_that_comes_back_catches_up_at_once(chromium: Browser, live_site: LiveSite) -> None:
    with a_case(chromium, live_site) as (context, case):
        following = tab(context)
        following.follow(case.case_id)
        following.wait_for_seq(case.last_seq())
        following.page.evaluate("dispatchEvent(new Event('pagehide'))")
        last = case.say("It was on 3 March")
        following.page.evaluate("dispatchEvent(new Event('pageshow'))")
        following.wait_for_seq(last)
        assert following.seqs() == list(range(1, last + 1))
        assert len(following.streams) == 2
