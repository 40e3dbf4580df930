"""Staff see the board and act on it with plain forms; a second click does no harm."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from triage.board import minutes, presence
from triage.breaker import external
from triage.models import Alert, Case, TriageRun
from triage.tests.batch_files import running_batch
from triage.tests.busy_board import dead_letter
from triage.tests.cast import begun, bob, charlie, make_case, staff_who_may
from triage.tests.faulty_steps import failed_case, queued_case
from triage.tests.visiting import words_of
from triage_project.tests.faulty_valkey import FaultyValkey

pytestmark = pytest.mark.django_db(transaction=True)


def visit(user: User, **options: Any) -> Client:
    client = Client(headers={"Accept-Language": "en"}, **options)
    client.force_login(user)
    return client


def run_of(case: Case) -> TriageRun:
    return TriageRun.objects.get(case=case)


def test_everything_has_its_place() -> None:
    begun(queued_case())
    failed_case()
    running_batch(3)
    make_case()
    presence.report(name="@one", node="worker@here", queues=["interactive"], started_at=0)
    minutes.measure()
    for _ in range(5):
        with pytest.raises(RuntimeError), external("oracle"):
            raise RuntimeError
    page = words_of(visit(bob()).get("/board/"))
    for words in (
        "Somebody is needed now Injured person",
        "Interactive Waiting 0 Oldest waits – In progress 1",
        "By priority Priority Waiting Oldest Running Critical 0",
        "In progress 1 Case",
        "60 % reads what was told",
        "Dead letters 1",
        "1 × TypeError at step assess",
        "Failed attempts of the last day",
        "worker@here",
        "cases.csv running",
        "0 of 3 cases done",
        "Take up what crashes left behind late",
        "oracle left alone 5 failures in a row · asked again in",
    ):
        assert words in page, f"{words!r} in {page}"


def test_each_case_is_a_link_to_the_admin() -> None:
    case = failed_case()
    page = visit(bob()).get("/board/").content.decode()
    assert f'href="/admin/triage/case/{case.pk}/change/" title="{case.pk}"' in page


def test_sparklines_have_words_for_whoever_does_not_see_them() -> None:
    minutes.measure()
    page = visit(bob()).get("/board/").content.decode()
    drawings = re.findall(r"<svg viewBox.*?</svg>", page, re.DOTALL)
    assert len(drawings) == 4  # of waiting times there are none
    for drawing in drawings:
        (key,) = re.findall(r'aria-labelledby="([\w-]+)-t"', drawing)
        assert f'<title id="{key}-t">' in drawing
        assert f'<desc id="{key}-d">' in drawing
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_an_alert_is_acknowledged_by_name_once() -> None:
    make_case()
    alert = Alert.objects.get()
    address = f"/board/alerts/{alert.pk}/acknowledge/"
    first = visit(bob()).post(address, follow=True)
    assert "You have acknowledged the alert." in words_of(first)
    assert "Somebody is needed now" not in words_of(first)
    second = visit(staff_who_may("view_case", "change_case")).post(address, follow=True)
    assert "bob had acknowledged this alert already." in words_of(second)
    alert.refresh_from_db()
    assert alert.acknowledged_by == bob()


def test_a_dead_letter_is_tried_again_and_the_second_click_does_no_harm() -> None:
    run = run_of(failed_case())
    staff = visit(bob())
    first = staff.post(f"/board/runs/{run.pk}/retry/?lane=interactive", follow=True)
    assert first.redirect_chain == [("/board/?lane=interactive", 302)]
    assert "The run waits again" in words_of(first)
    second = staff.post(f"/board/runs/{run.pk}/retry/", follow=True)
    assert second.status_code == 200
    assert "Nothing was changed: somebody was quicker" in words_of(second)
    run.refresh_from_db()
    assert run.state == "queued"


def test_a_dead_letter_is_discarded_with_a_reason() -> None:
    run = run_of(failed_case())
    staff = visit(bob())
    refused = staff.post(f"/board/runs/{run.pk}/discard/", {"reason": " "}, follow=True)
    assert "please say why" in words_of(refused)
    for _ in range(2):
        done = staff.post(f"/board/runs/{run.pk}/discard/", {"reason": "A duplicate"}, follow=True)
        assert "The run was discarded." in words_of(done)
    run.refresh_from_db()
    assert (run.state, run.discard_reason, run.discarded_by) == ("discarded", "A duplicate", bob())


def test_all_of_a_cause_are_tried_again_and_no_others() -> None:
    mine, also, other = failed_case("assess"), failed_case("assess"), failed_case("compose")
    staff = visit(bob())
    cause = {"error": "TypeError", "step": "assess"}
    assert "2 runs wait again." in words_of(staff.post("/board/retry/", cause, follow=True))
    assert [run_of(case).state for case in (mine, also, other)] == ["queued", "queued", "failed"]
    assert "No run of this cause" in words_of(staff.post("/board/retry/", cause, follow=True))
    staff.post("/board/retry/", {})
    assert run_of(other).state == "failed"


def test_all_of_every_cause_are_tried_again_by_one_button() -> None:
    cases = [failed_case("assess"), failed_case("compose")]
    staff = visit(bob())
    assert 'name="every"' in staff.get("/board/").content.decode()
    assert "2 runs wait again." in words_of(staff.post("/board/retry/", {"every": "1"}, follow=True))
    assert 'name="every"' not in staff.get("/board/").content.decode()
    assert {run_of(case).state for case in cases} == {"queued"}


def test_filters_stand_in_the_address_and_survive_what_one_does() -> None:
    dead_letter("TypeError")
    dead_letter("KeyError", priority="high")
    page = visit(bob()).get("/board/?priority=high&cause=KeyError/assess").content.decode()
    assert 'Dead letters <span class="count-bad">1</span>' in page
    assert '<option value="high" selected>' in page
    assert '<option value="KeyError/assess" selected>' in page
    assert "/retry/?priority=high&amp;cause=KeyError%2Fassess" in page


def test_the_parts_alone_are_what_the_page_has() -> None:
    failed_case()
    staff = visit(bob())
    names = r'data-part="(\w+)"'
    parts = staff.get("/board/parts/").content.decode()
    assert "<html" not in parts
    assert re.findall(names, parts) == re.findall(names, staff.get("/board/").content.decode())


def test_nobody_but_staff_sees_the_board() -> None:
    for address in ("/board/", "/board/parts/"):
        assert Client().get(address)["Location"] == f"/admin/login/?next={address}"
        assert visit(charlie()).get(address).status_code == 403


def test_staff_who_may_only_look_get_no_buttons_and_change_nothing() -> None:
    run = run_of(failed_case())
    make_case()
    onlooker = visit(staff_who_may("view_case"))
    page = onlooker.get("/board/").content.decode()
    assert 'method="post"' not in page
    for address in (
        f"runs/{run.pk}/retry/",
        f"runs/{run.pk}/discard/",
        f"alerts/{Alert.objects.get().pk}/acknowledge/",
    ):
        assert onlooker.post(f"/board/{address}", {"reason": "No"}).status_code == 403
    assert onlooker.post("/board/retry/", {"error": "TypeError"}).status_code == 403
    run.refresh_from_db()
    assert run.state == "failed"
    assert not Alert.objects.exclude(acknowledged_at=None).exists()


def test_a_button_without_its_token_does_nothing() -> None:
    run = run_of(failed_case())
    assert visit(bob(), enforce_csrf_checks=True).post(f"/board/runs/{run.pk}/retry/").status_code == 403
    assert visit(bob()).get(f"/board/runs/{run.pk}/retry/").status_code == 405


def test_a_run_that_is_not_there_gets_a_sentence() -> None:
    assert "There is no such run." in words_of(visit(bob()).post("/board/runs/run_nowhere/retry/", follow=True))
    assert "There is no such alert." in words_of(visit(bob()).post("/board/alerts/99/acknowledge/", follow=True))


def test_without_javascript_it_comes_again_by_itself_until_somebody_lets_it_stand() -> None:
    staff = visit(bob())
    refresh = '<noscript><meta http-equiv="refresh" content="15"></noscript>'
    assert refresh in staff.get("/board/").content.decode()
    assert "http-equiv" not in staff.get("/board/?still").content.decode()


def test_without_redis_it_says_so(valkey: FaultyValkey) -> None:
    begun(queued_case(), "host:4711@gone")
    valkey.kill()
    page = words_of(visit(bob()).get("/board/"))
    assert "process 4711 Case" in page
    assert "Redis does not answer. What is shown is what the leases of runs tell" in page
    assert "Not known while Redis does not answer." in page


def test_the_page_needs_nothing_that_its_policy_forbids() -> None:
    failed_case()
    body = visit(bob()).get("/board/").content.decode()
    assert "<style" not in body
    assert " style=" not in body
    assert "<script>" not in body
