"""Workers are killed in the middle of a batch: no row is lost, none is told twice. And people do not wait for it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from triage import eventlog, orchestrator
from triage.access import SYSTEM
from triage.batches.results import counts_of
from triage.models import Batch, BatchRow, Case, RunStep, TriageRun
from triage.tests.batch_files import running_batch
from triage.tests.cast import CRASH, acting, alice
from triage.tests.small_flow import SMALL
from triage.tests.worker_process import worker_process
from triage_project.child import kill_group
from triage_project.tests.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

ROWS = 60


def sweep() -> None:
    """What the schedule does every few seconds."""
    orchestrator.rescue()
    orchestrator.tend_batches()


def test_every_row_is_told_and_analysed_once_whatever_is_killed() -> None:
    batch = running_batch(ROWS)

    def done() -> int:
        return counts_of([batch.pk])[batch.pk].done

    for reached in (1, ROWS // 3, 2 * ROWS // 3):
        with worker_process() as worker:
            sweep()
            wait_until(lambda goal=reached: done() >= goal, timeout=60)  # type: ignore[misc]
            kill_group(worker)
            worker.wait()
    assert done() < ROWS

    def is_completed() -> bool:
        sweep()
        return Batch.objects.get().state == Batch.State.COMPLETED

    with worker_process():
        wait_until(is_completed, timeout=90)

    assert counts_of([batch.pk])[batch.pk].completed == ROWS
    told = batch.rows.values_list("case", "external_id")
    assert len({case for case, _ in told}) == Case.objects.count() == TriageRun.objects.count() == ROWS
    assert RunStep.objects.count() == 3 * ROWS
    for case_id, external_id in told:
        log = eventlog.all_of(case_id)
        assert [event.seq for event in log] == list(range(1, len(log) + 1))
        types = Counter(event.type for event in log)
        assert types["triage_started"] == types["triage_queued"] == types["triage_completed"] == 1
        words = [event.data["text"] for event in log if event.data.get("role") == "client"]
        assert words == [f"I had a crash on the street {external_id}"]


def test_people_are_served_before_the_rows_of_a_batch(tmp_path: Path) -> None:
    """Both workers are held in a batch when somebody comes; whichever is free first takes the person's case."""
    hold = tmp_path / "hold"
    hold.touch()
    held = {"TRIAGE_ANALYZER": "triage.tests.held_analyzer.HeldAnalyzer", "HOLD_FILE": str(hold)}
    batch = running_batch(200)
    with worker_process(**held):
        wait_until(hold.with_suffix(".held").exists, timeout=30)
        opened = orchestrator.open_case(actor=acting(alice()), flow_id=SMALL.id, language="en", text=CRASH)
        orchestrator.force_complete(actor=acting(alice()), case_id=opened.case_id)
        run = TriageRun.objects.get(case=opened.case_id)
        before = TriageRun.objects.filter(lane="batch").exclude(started_at=None).count()
        hold.unlink()
        wait_until(lambda: Case.objects.get(pk=opened.case_id).state == Case.State.COMPLETED, timeout=30)
        run.refresh_from_db()
        assert BatchRow.objects.filter(batch=batch, state=BatchRow.State.WAITING).exists()
        overtook = TriageRun.objects.filter(lane="batch", started_at__lt=run.started_at).count()
    assert run.lane == "interactive"
    assert overtook <= before + 2  # what another of the two children had begun meanwhile


def test_a_batch_is_paused_while_a_real_worker_is_at_it() -> None:
    batch = running_batch(300)
    with worker_process():
        wait_until(lambda: counts_of([batch.pk])[batch.pk].done >= 3, timeout=60)
        orchestrator.pause_batch(actor=SYSTEM, batch_id=batch.pk)

        def is_still() -> bool:
            orchestrator.tend_batches()
            return not counts_of([batch.pk])[batch.pk].told

        wait_until(is_still, timeout=30)
        counts = counts_of([batch.pk])[batch.pk]
        assert counts.waiting > 200
        assert counts.completed == Case.objects.count() == 300 - counts.waiting
