"""A case's page tells everything at a glance, changes nothing, and costs the same however long the case is."""

from __future__ import annotations

import re

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from triage import eventlog, orchestrator
from triage.events import TriageUpdate
from triage.flows.loader import load_flow
from triage.models import Case, TriageRun
from triage.tests.cast import CRASH, acting, alice, bob, completed_case, make_case, run_to_the_end, staff_who_may
from triage.tests.small_flow import SMALL, flow_with

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(bob())
    return client


def page_of(client: Client, case: Case, language: str = "en") -> str:
    page = client.get(reverse("admin:triage_case_change", args=[case.pk]), headers={"accept-language": language})
    assert page.status_code == 200
    return page.content.decode()


def test_it_shows_danger_advice_and_the_words_that_say_so(staff: Client) -> None:
    page = page_of(staff, make_case())
    assert "⚑ Injured person" in page
    assert "See a doctor now." in page
    assert "<b>192</b> Ambulance" in page
    assert re.search(r'<q class="evidence" title="[^"]+"><a href="#msg_\w+">fainted</a></q>', page)
    assert 'class="badge urgency-critical"' in page


def test_it_shows_contact_and_consent(staff: Client) -> None:
    case = make_case()
    orchestrator.keep_contact(actor=acting(alice()), case_id=case.pk, name="Alice Liddell", safe_to_call=False)
    page = page_of(staff, case)
    assert "Alice Liddell" in page
    assert "not safe to call" in page


def test_a_phone_whose_safety_is_unknown_is_never_shown_bare(staff: Client) -> None:
    case = make_case()
    orchestrator.keep_contact(actor=acting(alice()), case_id=case.pk, phone="81 99999 0000")
    page = page_of(staff, case)
    warning = "did not say whether it is safe to call; do not call before making sure"
    assert 0 < page.index(warning) < page.index("81 99999 0000")
    assert "não ligue antes de confirmar" in page_of(staff, case, "pt-br")


def test_the_transcript_has_both_voices_and_why_a_question_was_asked(staff: Client) -> None:
    page = page_of(staff, make_case())
    assert 'class="bubble client"' in page
    assert 'class="bubble interviewer"' in page
    assert CRASH in page
    assert "The guarantee depends on the date." in page


def test_the_timeline_numbers_every_event_in_words(staff: Client) -> None:
    case = make_case()
    page = page_of(staff, case)
    seqs = [int(seq) for seq in re.findall(r'<li data-seq="(\d+)"', page)]
    assert seqs == list(range(1, case.last_seq + 1))
    assert "three-questions v1, en" in page
    assert f"Client: {CRASH}" in page
    assert f'data-seq="{case.last_seq}"' in page
    assert reverse("stream", args=[case.pk]) in page


def test_the_result_reads_as_text(staff: Client) -> None:
    case = completed_case(text="I had a crash on 3 March, lost R$ 2.000 and fainted")
    page = page_of(staff, case)
    result = page[page.index('id="result-heading"') :]
    result = result[: result.index("</section>")]
    for words in ("A person should look at this", "a red flag was raised", "Crash", "2,000", "rules", "Amounts"):
        assert words in result, words
    assert "{" not in result
    assert "understand" in page  # a step of the run


def test_what_was_told_in_two_ways_is_marked_until_the_person_says_which_is_right(staff: Client) -> None:
    words = {"pt-BR": "Antes “{before}”, depois “{now}”.", "en": "First “{before}”, later “{now}”."}
    load_flow(flow_with(lambda data: data["phrases"].update(contradiction=words)))
    told = "I had a crash on 3 March 2026"
    opened = orchestrator.open_case(actor=acting(alice()), flow_id=SMALL.id, language="en", text=told)
    case = Case.objects.get(pk=opened.case_id)
    assert "contested" not in page_of(staff, case)
    orchestrator.answer(actor=acting(alice()), case_id=case.pk, text="R$ 300, and actually it was on 20 January 2026")
    page = page_of(staff, case)
    assert re.search(r'Also told: <a href="#msg_\w+">20 January 2026</a>', page)
    assert "differs from what was told before" in page
    orchestrator.answer(actor=acting(alice()), case_id=case.pk, text="20 January 2026")
    assert "Also told:" not in page_of(staff, case)


def test_what_people_write_is_text_and_not_markup(staff: Client) -> None:
    page = page_of(staff, make_case(text="I had a crash <script>alert(1)</script>"))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_there_is_nothing_to_edit(staff: Client) -> None:
    page = page_of(staff, make_case())
    content = page[page.index('id="content-main"') :]
    assert not re.search(r'<(textarea|select)|<input type="(?!hidden)', content)
    assert "_save" not in content


def test_buttons_fit_the_state_and_the_permission(staff: Client, client: Client) -> None:
    case = make_case()
    names = re.findall(r'name="action" value="(\w+)"', page_of(staff, case))
    assert names == ["force_complete", "cancel", "export"]
    orchestrator.cancel(actor=acting(alice()), case_id=case.pk)
    assert re.findall(r'name="action" value="(\w+)"', page_of(staff, case)) == ["export"]
    client.force_login(staff_who_may("view_case"))
    assert re.findall(r'name="action" value="(\w+)"', page_of(client, make_case())) == ["export"]


def test_in_portuguese_the_states_and_titles_of_the_case_are_portuguese(staff: Client) -> None:
    page = page_of(staff, make_case(text="Bati a bicicleta num acidente", language="pt-BR"), "pt-br")
    assert '<html lang="pt-br"' in page
    assert "Acidente" in page


def test_a_long_case_costs_as_many_queries_as_a_short_one(staff: Client) -> None:
    short, long = completed_case(), make_case()
    for text in ("3 March", "R$ 300", "And the lamp is broken"):
        orchestrator.answer(actor=acting(alice()), case_id=long.pk, text=text)
    orchestrator.force_complete(actor=acting(alice()), case_id=long.pk)
    run_to_the_end(long)
    TriageRun.objects.bulk_create(TriageRun(id=f"run_{n}", case=long, state="completed") for n in range(20))
    with transaction.atomic():
        eventlog.append(
            long.pk, [TriageUpdate(message=f"Step {n}", progress=70, stage="interview") for n in range(300)]
        )
    page_of(staff, short)
    with CaptureQueriesContext(connection) as few:
        page_of(staff, short)
    with CaptureQueriesContext(connection) as many:
        assert "Step 299" in page_of(staff, long)
    assert len(many) == len(few) <= 14


def test_of_a_very_long_log_the_newest_are_drawn(staff: Client) -> None:
    case = make_case()
    with transaction.atomic():
        eventlog.append(case.pk, [TriageUpdate(message="Step", progress=70, stage="interview")] * 600)
    page = page_of(staff, case)
    assert page.count("<li data-seq=") == 500
    assert f"{100 + case.last_seq} earlier events are in the export." in page


def test_without_the_permission_there_is_no_page(client: Client) -> None:
    client.force_login(staff_who_may("change_apikey"))
    assert client.get(reverse("admin:triage_case_change", args=[make_case().pk])).status_code == 403
