"""A row of a batch becomes a case once, with all that follows, or not at all."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from triage import eventlog, orchestrator, runs
from triage.access import SYSTEM
from triage.batches.results import counts_of
from triage.errors import TransitionRefused
from triage.models import Answer, Batch, BatchRow, Case, TriageRun
from triage.orchestrator import feeding
from triage.projection import fold
from triage.tests.batch_files import csv_file, made_batch, running_batch, work
from triage_project.tests.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def states(batch: Batch) -> dict[str, int]:
    counts = counts_of([batch.pk])[batch.pk]
    return {name: count for name in counts.__slots__ if (count := getattr(counts, name))}


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


def test_pausing_stops_at_once_and_resuming_goes_on_where_it_was() -> None:
    batch = running_batch(20)
    work(3)
    orchestrator.pause_batch(actor=SYSTEM, batch_id=batch.pk)
    told = Case.objects.count()
    assert work() == told - 3
    assert Case.objects.count() == told < 20
    orchestrator.resume_batch(actor=SYSTEM, batch_id=batch.pk)
    work()
    assert states(batch) == {"completed": 20}


def test_a_pause_in_the_middle_of_a_portion_leaves_its_other_rows_untold(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = running_batch(5)
    decide = feeding._decide

    def decide_and_pause(row: BatchRow, of: Batch) -> Any:
        if row.line == 4:
            orchestrator.pause_batch(actor=SYSTEM, batch_id=batch.pk)
        return decide(row, of)

    with monkeypatch.context() as patched:
        patched.setattr(feeding, "_decide", decide_and_pause)
        orchestrator.feed_batches()
    assert states(batch) == {"told": 2, "waiting": 3}
    assert set(batch.rows.filter(state="waiting").values_list("attempts", flat=True)) == {0}
    orchestrator.resume_batch(actor=SYSTEM, batch_id=batch.pk)
    work()
    assert states(batch) == {"completed": 5}


def test_cancelling_ends_what_is_under_way_and_keeps_what_is_done() -> None:
    batch = running_batch(20)
    work(3)
    orchestrator.cancel_batch(actor=SYSTEM, batch_id=batch.pk)
    assert work() == 0
    orchestrator.tend_batches()
    assert states(batch) == {"completed": 3, "cancelled": 17}
    assert not BatchRow.objects.exclude(text="").exists()
    assert not Case.objects.filter(state__in=[Case.State.QUEUED, Case.State.ANALYSING]).exists()
    with pytest.raises(TransitionRefused):
        orchestrator.resume_batch(actor=SYSTEM, batch_id=batch.pk)


def test_a_case_told_while_its_batch_was_cancelled_is_cancelled_by_the_sweeper() -> None:
    batch = running_batch(5)
    orchestrator.feed_batches()
    Batch.objects.update(state=Batch.State.CANCELLED)
    orchestrator.tend_batches()
    orchestrator.tend_batches()
    assert states(batch) == {"cancelled": 5}


def test_batches_take_turns() -> None:
    first = running_batch(20)
    second = made_batch(csv_file("text", *["My brakes squeak"] * 10))
    orchestrator.start_batch(actor=SYSTEM, batch_id=second.pk)
    for _ in range(4):
        orchestrator.feed_batches()
    assert states(first)["told"] == states(second)["told"] == 2 * feeding.PORTION


def test_the_same_external_id_is_told_once_even_by_two_batches_at_the_same_time() -> None:
    first, second = running_batch(10), running_batch(10)
    assert states(second) == {"waiting": 10}
    work()
    assert Case.objects.count() == 10
    merged = {name: states(first).get(name, 0) + states(second).get(name, 0) for name in ("completed", "skipped")}
    assert merged == {"completed": 10, "skipped": 10}
    assert set(Batch.objects.values_list("state", flat=True)) == {"completed"}


def test_two_workers_that_feed_at_once_tell_every_row_once() -> None:
    batch = running_batch(60)

    def feed() -> None:
        while BatchRow.objects.filter(state=BatchRow.State.WAITING).exists():
            orchestrator.feed_batches()
        connection.close()

    threads = [threading.Thread(target=feed) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states(batch) == {"told": 60}
    assert Case.objects.count() == TriageRun.objects.count() == 60
    assert batch.rows.values("case").distinct().count() == 60


def test_a_row_whose_claim_ran_out_and_was_taken_by_another_is_told_once() -> None:
    batch = running_batch(1)
    (row,) = feeding._claim(batch)
    BatchRow.objects.update(claimed_until=timezone.now() - timedelta(minutes=1))
    (again,) = feeding._claim(batch)
    late = feeding._decide(row, batch)
    feeding._deal_with(again, batch)
    with pytest.raises(feeding._NotWaiting):
        feeding._tell(late)
    assert Case.objects.count() == 1


def test_what_fails_in_the_middle_of_telling_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = running_batch(1)

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("in the middle")

    with monkeypatch.context() as patched:
        patched.setattr(runs, "open_run", broken)
        (row,) = feeding._claim(batch)
        with pytest.raises(RuntimeError):
            feeding._tell(feeding._decide(row, batch))
    assert not Case.objects.exists()
    assert states(batch) == {"waiting": 1}
    feeding._deal_with(row, batch)
    work()
    assert states(batch) == {"completed": 1}


def test_a_row_that_cannot_be_told_says_so_and_stands_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = running_batch(3)
    decide = feeding._decide

    def decide_or_break(row: BatchRow, of: Batch) -> Any:
        if row.line == 3:
            raise RuntimeError("cannot be decided")
        return decide(row, of)

    monkeypatch.setattr(feeding, "_decide", decide_or_break)
    work()
    batch.refresh_from_db()
    assert (batch.state, states(batch)) == (Batch.State.COMPLETED, {"completed": 2, "failed": 1})
    assert batch.rows.get(state="failed").problems == [{"code": "not_told", "value": "RuntimeError"}]


def test_a_row_that_takes_its_worker_down_three_times_is_given_up() -> None:
    batch = running_batch(2)
    batch.rows.filter(line=2).update(attempts=feeding.MOST_ATTEMPTS)
    work()
    assert states(batch) == {"completed": 1, "failed": 1}


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


def test_an_upload_that_was_killed_in_the_middle_is_cleaned_away() -> None:
    batch = made_batch(csv_file("text", "I had a crash"))
    Batch.objects.update(state=Batch.State.VALIDATING, touched_at=timezone.now() - timedelta(hours=1))
    with pytest.raises(TransitionRefused):
        orchestrator.start_batch(actor=SYSTEM, batch_id=batch.pk)
    orchestrator.tend_batches()
    assert not Batch.objects.exists()
    assert not BatchRow.objects.exists()


def test_cancelling_while_workers_feed_ends_cleanly() -> None:
    """Rows and their batch are locked in one order, so that nobody waits for somebody who waits."""
    refused: list[Exception] = []

    def feed() -> None:
        try:
            while Batch.objects.filter(state=Batch.State.RUNNING).exists():
                orchestrator.feed_batches()
        except Exception as error:
            refused.append(error)
        finally:
            connection.close()

    for _ in range(3):
        batch = made_batch(csv_file("text", *["I had a crash"] * 80))
        orchestrator.start_batch(actor=SYSTEM, batch_id=batch.pk)
        threads = [threading.Thread(target=feed) for _ in range(2)]
        for thread in threads:
            thread.start()
        wait_until(batch.rows.filter(state=BatchRow.State.TOLD).exists)
        orchestrator.cancel_batch(actor=SYSTEM, batch_id=batch.pk)
        for thread in threads:
            thread.join()
        orchestrator.tend_batches()
        orchestrator.tend_batches()
        assert states(batch) == {"cancelled": 80}
    assert refused == []
