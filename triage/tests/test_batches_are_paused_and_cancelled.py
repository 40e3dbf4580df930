"""A batch that is paused or cancelled stops at once, and what was done stays done."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from triage import orchestrator
from triage.access import SYSTEM
from triage.errors import TransitionRefused
from triage.models import Batch, BatchRow, Case
from triage.orchestrator import feeding
from triage.tests.batch_files import csv_file, made_batch, running_batch, states, work
from triage_project.tests.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


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
