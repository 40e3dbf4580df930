"""The conversation page, as a browser without JavaScript uses it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from triage import eventlog, orchestrator
from triage.access import SYSTEM
from triage.flows.loader import load_flow
from triage.models import Case
from triage.projection import fold
from triage.tests.cast import CRASH, begun, run_to_the_end
from triage.tests.small_flow import flow_with
from triage.tests.visiting import FLOW_ID, guest_case, say, words_of
from triage_project.tests.faulty_valkey import FaultyValkey

pytestmark = pytest.mark.django_db(transaction=True)


def prefer_days(data: dict[str, Any], prefer: str | None) -> None:
    data["listed"] = True
    (slot,) = [slot for slot in data["slots"] if slot["kind"] == "date"]
    slot.pop("prefer", None)
    slot.update({"prefer": prefer} if prefer else {})


def page(client: Client, case: Case, query: str = "") -> str:
    return client.get(f"/cases/{case.pk}/{query}").content.decode()


def test_it_shows_the_question_its_reason_its_hint_and_where_we_are(client: Client) -> None:
    words = words_of(client.get(f"/cases/{guest_case(client).pk}/"))
    assert "When did it happen?" in words
    assert "The guarantee depends on the date." in words
    assert "For example: 3 March." in words
    assert "question 1 of at most" in words


def test_state_and_cursor_in_the_page_are_of_one_read(client: Client) -> None:
    case = guest_case(client)
    view = fold(eventlog.all_of(case.pk))
    assert f'data-last-seq="{view.last_seq}"' in page(client, case)
    assert all(message["message_id"] in page(client, case) for message in view.messages)


def test_an_answer_is_taken_and_the_next_question_shown(client: Client) -> None:
    case = guest_case(client)
    response = say(client, case, "3 March", question_id="when_happened")
    assert response.status_code == 302
    words = words_of(client.get(response.url))
    assert "3 March" in words
    assert 'name="question_id" value="when_happened"' not in page(client, case)


def test_a_day_from_the_calendar_is_an_answer(client: Client) -> None:
    case = guest_case(client)
    say(client, case, day="2026-03-04", question_id="when_happened")
    assert "4 March 2026" in words_of(client.get(f"/cases/{case.pk}/"))
    assert fold(eventlog.all_of(case.pk)).understood[0]["value"] == "2026-03-04"


def test_a_day_from_the_calendar_is_not_misread_in_portuguese(client: Client) -> None:
    case = guest_case(client, "bati na rua", language="pt-br")
    say(client, case, day="2026-03-04", question_id="when_happened")
    assert fold(eventlog.all_of(case.pk)).understood[0]["value"] == "2026-03-04"


def test_yes_and_no_are_buttons_in_the_cases_language(client: Client) -> None:
    case = guest_case(client, "bati na rua", language="pt-br")
    say(client, case, choice="não sei", question_id="when_happened")
    say(client, case, choice="não sei", question_id="how_much")
    assert 'name="choice" value="Sim"' in page(client, case)
    say(client, case, choice="Não", question_id="anybody_hurt")
    assert Case.objects.get(pk=case.pk).state == "queued"


def test_not_knowing_and_going_back_are_one_tap(client: Client) -> None:
    case = guest_case(client)
    assert 'value="skip"' in page(client, case)
    assert 'value="back"' not in page(client, case)  # there is nothing to go back to
    say(client, case, choice="skip", question_id="when_happened")
    assert 'value="back"' in page(client, case)
    say(client, case, choice="back")
    assert Case.objects.get(pk=case.pk).question == "when_happened"


def test_an_earlier_answer_can_be_changed(client: Client) -> None:
    case = guest_case(client)
    say(client, case, "3 March", question_id="when_happened")
    assert "?change=when_happened#now" in page(client, case)
    assert 'name="question_id" value="when_happened"' in page(client, case, "?change=when_happened")
    say(client, case, "5 March", question_id="when_happened")
    assert fold(eventlog.all_of(case.pk)).understood[0]["value"].endswith("-03-05")
    assert page(client, case).count("?change=when_happened#now") == 2  # by the standing answer and what it gave


def test_a_correction_of_a_finished_case_analyses_it_again(client: Client) -> None:
    case = guest_case(client)
    say(client, case, "3 March", question_id="when_happened")
    client.post(f"/cases/{case.pk}/finish/")
    run_to_the_end(case)
    response = say(client, case, "5 March", question_id="when_happened")
    assert "/progress/" in response.url
    assert Case.objects.get(pk=case.pk).state == "queued"


def test_the_same_form_sent_twice_is_one_message(client: Client) -> None:
    case = guest_case(client)
    for _ in range(2):
        say(client, case, "3 March", question_id="when_happened", key="once")
    assert len([m for m in fold(eventlog.all_of(case.pk)).messages if m["text"] == "3 March"]) == 1


def test_a_stale_question_gives_the_words_back(client: Client) -> None:
    case = guest_case(client)
    response = say(client, case, "about 300", question_id="how_much")
    assert response.status_code == 409
    assert "about 300" in response.content.decode()
    assert "That question was already settled" in words_of(response)


def test_words_that_are_too_long_are_given_back(client: Client) -> None:
    case = guest_case(client)
    response = say(client, case, "a" * 10_001)
    assert response.status_code == 422
    assert "a" * 10_001 in response.content.decode()


def test_danger_comes_first_with_numbers_to_tap(client: Client) -> None:
    case = guest_case(client, CRASH)
    flags = fold(eventlog.all_of(case.pk)).red_flags
    assert flags
    shown = page(client, case)
    for number in (line["number"] for flag in flags for line in flag["numbers"]):
        assert f'href="tel:{number}"' in shown
    assert flags[0]["advice"] in words_of(client.get(f"/cases/{case.pk}/"))
    assert shown.index("tel:") < shown.index('role="log"')


def test_advice_is_told_once_where_the_danger_was_heard(client: Client) -> None:
    case = guest_case(client, CRASH)
    (flag,) = fold(eventlog.all_of(case.pk)).red_flags
    log = page(client, case).partition('role="log"')[2].partition("</ol>")[0]
    assert log.count(flag["advice"]) == 1
    assert all(line["title"] not in log for line in flag["numbers"])
    assert "<details open" not in page(client, case).partition('role="log"')[0]


def test_an_unclear_answer_asks_again_once_after_the_hint(client: Client) -> None:
    case = guest_case(client)
    say(client, case, "a good while ago", question_id="when_happened")
    bubble = page(client, case).partition('role="log"')[2].partition("</ol>")[0].rpartition("<li")[2]
    assert bubble.count("When did it happen?") == 1
    assert bubble.index("For example: 3 March.") < bubble.index('<p class="asks">When did it happen?</p>')


@pytest.mark.parametrize(("prefer", "example"), [("past", "last Monday"), ("future", "next Friday"), (None, "3 March")])
def test_the_example_in_a_date_box_lies_where_the_day_is_looked_for(
    client: Client, prefer: str | None, example: str
) -> None:
    load_flow(flow_with(lambda data: prefer_days(data, prefer)))
    fields = {"flow": FLOW_ID, "text": "I had a crash", "consent": "on"}
    client.post("/", fields, headers={"Accept-Language": "en"})
    assert f'placeholder="e.g. {example}"' in page(client, Case.objects.get())


def test_that_is_all_hands_the_case_over(client: Client) -> None:
    case = guest_case(client)
    assert "/progress/" in client.post(f"/cases/{case.pk}/finish/")["Location"]
    assert Case.objects.get(pk=case.pk).state == "queued"


def test_who_does_not_want_to_go_on_can_stop(client: Client) -> None:
    case = guest_case(client)
    client.post(f"/cases/{case.pk}/stop/")
    assert Case.objects.get(pk=case.pk).state == "cancelled"
    shown = page(client, case)
    assert "Cancelled." in shown
    assert 'id="composer"' not in shown


def test_markup_in_words_is_only_words(client: Client) -> None:
    case = guest_case(client, "<script>alert(1)</script> crash")
    assert "<script>alert(1)" not in page(client, case)
    assert "&lt;script&gt;alert(1)" in page(client, case)


def test_a_conversation_while_redis_is_away_goes_on(client: Client, valkey: FaultyValkey) -> None:
    case = guest_case(client)
    valkey.stop()
    assert say(client, case, "3 March", question_id="when_happened").status_code == 302
    assert "3 March" in words_of(client.get(f"/cases/{case.pk}/"))


def test_words_that_came_while_the_case_was_analysed_are_given_back(client: Client) -> None:
    case = guest_case(client)
    client.post(f"/cases/{case.pk}/finish/")
    begun(case)
    response = say(client, case, "one more thing")
    assert response.status_code == 409
    assert "takes no more messages" in words_of(response)
    assert "one more thing" in response.content.decode()


def test_the_story_says_once_that_a_case_waits_however_often_its_place_moves(client: Client) -> None:
    case = guest_case(client)
    client.post(f"/cases/{case.pk}/finish/")
    orchestrator.set_priority(actor=SYSTEM, case_id=case.pk, priority="high", reason="Known to bob alone")
    words = words_of(client.get(f"/cases/{case.pk}/progress/"))
    assert words.count("handed over to be analysed") == 1
    assert "The team changed how soon your case is analysed" in words
    assert "Known to bob" not in words
