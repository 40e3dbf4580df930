"""A row of a batch is told once, whoever works at the same time and whatever breaks, or says why it was not."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from triage import orchestrator, runs
from triage.access import SYSTEM
from triage.errors import TransitionRefused
from triage.models import Batch, BatchRow, Case, TriageRun
from triage.orchestrator import feeding
from triage.tests.batch_files import csv_file, made_batch, running_batch, states, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


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


def test_an_upload_that_was_killed_in_the_middle_is_cleaned_away() -> None:
    batch = made_batch(csv_file("text", "I had a crash"))
    Batch.objects.update(state=Batch.State.VALIDATING, touched_at=timezone.now() - timedelta(hours=1))
    with pytest.raises(TransitionRefused):
        orchestrator.start_batch(actor=SYSTEM, batch_id=batch.pk)
    orchestrator.tend_batches()
    assert not Batch.objects.exists()
    assert not BatchRow.objects.exists()
