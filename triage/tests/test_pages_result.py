"""Progress and result: from handing over to what a person takes home."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now
from django.test import Client

from triage.models import Case, TriageRun
from triage.orchestrator.steps import STEPS
from triage.tests.cast import CRASH, run_to_the_end
from triage.tests.visiting import guest_case, say, words_of

pytestmark = pytest.mark.django_db(transaction=True)


def handed_over(client: Client, words: str = CRASH) -> Case:
    case = guest_case(client, words)
    say(client, case, "3 March", question_id="when_happened")
    client.post(f"/cases/{case.pk}/finish/")
    return case


def test_the_progress_page_refreshes_itself_only_where_scripts_do_not_run(client: Client) -> None:
    case = handed_over(client)
    body = client.get(f"/cases/{case.pk}/progress/").content.decode()
    assert f'<noscript><meta http-equiv="refresh" content="2; url=/cases/{case.pk}/progress/?waiting=1">' in body
    assert 'type="module"' in body


def test_it_says_where_the_case_stands_and_what_happened(client: Client) -> None:
    case = handed_over(client)
    words = words_of(client.get(f"/cases/{case.pk}/progress/"))
    assert "Waiting for the analysis" in words
    assert "You are number 1 in the queue." in words
    assert "We have begun." in words
    assert "You wrote 2 messages" in words


def test_who_waited_is_taken_to_the_result_and_who_looks_back_is_not(client: Client) -> None:
    case = run_to_the_end(handed_over(client))
    assert client.get(f"/cases/{case.pk}/progress/?waiting=1")["Location"] == f"/cases/{case.pk}/result/"
    response = client.get(f"/cases/{case.pk}/progress/")
    assert "The result is ready" in words_of(response)
    assert "http-equiv" not in response.content.decode()


def test_the_result_before_its_time_leads_to_the_progress(client: Client) -> None:
    case = handed_over(client)
    assert client.get(f"/cases/{case.pk}/result/")["Location"] == f"/cases/{case.pk}/progress/"


def test_the_result_shows_everything_with_the_words_it_rests_on(client: Client) -> None:
    case = run_to_the_end(handed_over(client))
    assert case.result is not None
    response = client.get(f"/cases/{case.pk}/result/")
    words, body = words_of(response), response.content.decode()
    for part in (
        case.result["category"]["title"],
        case.result["urgency"]["title"],
        case.result["urgency"]["reason"],
        case.result["complexity"]["title"],
        case.result["summary"],
        *(flag["advice"] for flag in case.result["red_flags"]),
        *case.result["documents"],
        *case.result["next_steps"],
        *(entry["text"] for entry in case.result["understood"]),
        "you said: “3 March”",
        "A person will look at this",
        "This is not a quotation.",
    ):
        assert part in words
    assert "?change=when_happened#now" in body
    assert body.index("tel:") < body.index("<h1>")


def failing(*_: object) -> None:
    raise RuntimeError("the analyzer broke")


def broken(*_: object) -> None:
    raise TypeError("a mistake in the program")


def test_what_would_fail_again_is_not_offered_to_be_tried_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = handed_over(client)
    monkeypatch.setitem(STEPS, "understand", broken)
    run_to_the_end(case)
    for address in (f"/cases/{case.pk}/", f"/cases/{case.pk}/progress/"):
        words = words_of(client.get(address))
        assert "The analysis did not work" in words
        assert "Try again" not in words


def test_a_failed_analysis_is_shown_as_failed_and_can_be_tried_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = handed_over(client)
    monkeypatch.setitem(STEPS, "understand", failing)
    for _ in range(3):
        TriageRun.objects.update(next_attempt_at=Now())
        run_to_the_end(case)
    words = words_of(client.get(f"/cases/{case.pk}/progress/"))
    assert "The analysis did not work" in words
    assert "That failed." in words
    client.post(f"/cases/{case.pk}/retry/")
    case.refresh_from_db()
    assert case.state == "queued"
