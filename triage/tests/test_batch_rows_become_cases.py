"""A row of a batch becomes a case like any other, a few at a time."""

from __future__ import annotations

import pytest

from triage import eventlog, orchestrator
from triage.access import SYSTEM
from triage.models import Answer, Batch, Case, TriageRun
from triage.orchestrator import feeding
from triage.projection import fold
from triage.tests.batch_files import csv_file, made_batch, running_batch, states, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def test_every_row_is_told_analysed_and_the_batch_completed() -> None:
    batch = running_batch(12)
    assert work() == 12
    batch.refresh_from_db()
    assert batch.state == Batch.State.COMPLETED
    assert batch.finished_at is not None
    assert states(batch) == {"completed": 12}
    assert Case.objects.filter(state=Case.State.COMPLETED).count() == 12
    assert set(TriageRun.objects.values_list("lane", flat=True)) == {"batch"}


def test_the_words_of_a_row_are_kept_by_its_case_alone() -> None:
    batch = running_batch(1)
    work()
    row = batch.rows.get()
    assert (row.text, row.slots) == ("", {})
    assert row.case is not None
    assert row.case.conversation.messages.get(role="client").text == "I had a crash on the street 1"


def test_columns_are_answers_to_their_questions() -> None:
    batch = made_batch(csv_file("text,hurt,damage,happened_on", "I had a crash,yes,1200,2026-03-03"))
    orchestrator.start_batch(actor=SYSTEM, batch_id=batch.pk)
    work()
    case = Case.objects.get()
    answers = Answer.objects.filter(case=case).order_by("number")
    answered = {answer.question: answer.readings[0]["value"] for answer in answers if answer.question}
    assert answered == {
        "when_happened": "2026-03-03",
        "how_much": {"amount": "1200.00", "currency": "BRL"},
        "anybody_hurt": True,
    }
    assert {answer.kind for answer in answers} == {"answer"}
    assert case.red_flags == ["injury"]
    assert case.result is not None
    assert case.result["urgency"]["level"] == "critical"


def test_the_log_of_such_a_case_is_like_any_other() -> None:
    running_batch(1)
    work()
    case = Case.objects.get()
    log = eventlog.all_of(case.pk)
    assert [event.seq for event in log] == list(range(1, case.last_seq + 1))
    assert [event.type for event in log].count("triage_queued") == 1
    view = fold(log, "staff")
    assert (view.status, view.result) == ("completed", case.result)


def test_only_a_few_runs_wait_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = running_batch(30)
    most = 0
    for _ in range(30):
        work(1)
        most = max(most, TriageRun.objects.filter(state="queued").count())
    assert 0 < most <= feeding.PORTION
    work()
    assert states(batch) == {"completed": 30}


def test_while_the_analysis_fails_no_more_than_a_hundred_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "MOST_UNDER_WAY", 10)
    batch = running_batch(30)
    while orchestrator.feed_batches():
        pass
    assert states(batch) == {"told": 10, "waiting": 20}


def test_batches_take_turns() -> None:
    first = running_batch(20)
    second = made_batch(csv_file("text", *["My brakes squeak"] * 10))
    orchestrator.start_batch(actor=SYSTEM, batch_id=second.pk)
    for _ in range(4):
        orchestrator.feed_batches()
    assert states(first)["told"] == states(second)["told"] == 2 * feeding.PORTION


def test_a_failed_case_that_is_tried_again_counts_as_completed() -> None:
    batch = running_batch(1)
    orchestrator.feed_batches()
    TriageRun.objects.update(state="failed")
    Case.objects.update(state=Case.State.FAILED)
    assert not orchestrator.feed_batches()
    assert states(batch) == {"failed": 1}
    orchestrator.retry(actor=SYSTEM, case_id=Case.objects.get().pk)
    work()
    orchestrator.tend_batches()
    assert states(batch) == {"completed": 1}


def test_an_erased_case_leaves_its_row_without_it_and_may_be_told_again() -> None:
    batch = running_batch(1)
    orchestrator.feed_batches()
    orchestrator.erase(actor=SYSTEM, case_id=Case.objects.get().pk)
    orchestrator.tend_batches()
    batch.refresh_from_db()
    assert (batch.state, states(batch)) == (Batch.State.COMPLETED, {"cancelled": 1})
    again = running_batch(1)
    work()
    assert states(again) == {"completed": 1}
