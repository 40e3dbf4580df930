"""Progress weighs steps by how long they usually take; the remaining time is told only from enough history."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone, translation

from triage import eventlog, forecast, orchestrator
from triage.access import SYSTEM
from triage.models import Case, RunStep, TriageRun
from triage.orchestrator.steps import STEPS
from triage.pages.wording import remaining_words
from triage.projection import fold
from triage.tests.cast import begun, completed_case, make_case
from triage.tests.faulty_steps import failing, queued_case, tried
from triage.tests.visiting import guest_case, words_of

TOOK = {"understand": 6000, "assess": 1000, "compose": 3000}


def runs_that_took(milliseconds: dict[str, int], count: int) -> None:
    case = make_case()
    for number in range(count):
        run = TriageRun.objects.create(id=f"run_{number}", case=case, state=TriageRun.State.COMPLETED)
        for name, took in milliseconds.items():
            RunStep.objects.create(
                run=run, name=name, output={}, milliseconds=took, fence=1, finished_at=timezone.now()
            )
    forecast._history.cache_clear()


def updates(case: Case) -> list[tuple[int, int | None]]:
    return [
        (event.data["progress"], event.data["remaining_seconds"])
        for event in eventlog.all_of(case.pk)
        if event.type == "triage_update" and event.data["stage"] != "interview"
    ]


@pytest.mark.django_db(transaction=True)
def test_without_history_all_steps_weigh_alike_and_no_time_is_told() -> None:
    assert updates(completed_case()) == [(60, None), (73, None), (87, None)]


@pytest.mark.django_db(transaction=True)
def test_with_history_the_steps_weigh_what_they_took_and_the_time_is_told() -> None:
    runs_that_took(TOOK, forecast.LEAST_RUNS)
    assert updates(completed_case()) == [(60, 10), (84, 4), (88, 3)]


@pytest.mark.django_db(transaction=True)
def test_a_short_history_weighs_but_tells_no_time() -> None:
    runs_that_took(TOOK, forecast.LEAST_RUNS - 1)
    assert updates(completed_case()) == [(60, None), (84, None), (88, None)]


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_taken_up_again_goes_on_where_it_stood() -> None:
    runs_that_took(TOOK, forecast.LEAST_RUNS)
    case = queued_case()
    with failing("compose", TimeoutError()):
        tried(case)
    assert tried(case).state == TriageRun.State.COMPLETED
    assert updates(case) == [(60, 10), (84, 4), (88, 3)]


def test_four_of_five_runs_were_done_within_what_is_told() -> None:
    history = [dict.fromkeys(STEPS, 1000 * second) for second in range(1, 101)]
    told = forecast.remaining((), STEPS, history)
    assert told is not None
    assert sum(sum(run.values()) <= told * 1000 for run in history) == 80


def test_steps_that_take_no_time_weigh_alike_and_nothing_is_called_done_before_it_is() -> None:
    quick = [dict.fromkeys(STEPS, 0)] * forecast.LEAST_RUNS
    assert forecast.progress(["understand"], STEPS, quick) == 73
    assert forecast.remaining(STEPS, STEPS, quick) == 1
    assert forecast.progress(STEPS, STEPS, quick) == 99


@pytest.mark.django_db(transaction=True)
def test_the_page_says_how_long_it_may_take_and_only_while_it_does(client: Client) -> None:
    runs_that_took(TOOK, forecast.LEAST_RUNS)
    case = guest_case(client)
    orchestrator.force_complete(actor=SYSTEM, case_id=case.pk)
    claim = begun(case)
    assert "(about 10 seconds more)" in words_of(client.get(f"/cases/{case.pk}/progress/"))
    orchestrator.analyse(claim=claim)
    assert fold(eventlog.all_of(case.pk)).remaining_seconds is None


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 second "), (90, "90 seconds"), (91, "2 minutes"), (600, "10 min")]
)
def test_long_times_are_told_in_minutes(seconds: int, words: str) -> None:
    with translation.override("en"):
        assert words in remaining_words(seconds)
