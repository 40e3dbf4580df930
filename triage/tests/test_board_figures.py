"""The board's figures: what waits, works, failed, and is asked for; few queries however many cases there are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from triage import orchestrator
from triage.access import SYSTEM
from triage.board import minutes
from triage.board.figures import collect
from triage.board.filters import Filters
from triage.board.runs import MOST_LISTED
from triage.models import BatchRow, CaseEvent, ScheduledJob, TriageRun
from triage.orchestrator import running
from triage.tests.batch_files import running_batch, work
from triage.tests.busy_board import dead_letter, lived
from triage.tests.cast import begun, bob, make_case
from triage.tests.faulty_steps import failing, queued_case, taken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def test_lanes_say_how_many_wait_for_how_long_and_by_priority() -> None:
    now = timezone.now()
    lived(queued=now - timedelta(minutes=5), priority="low")
    lived(queued=now - timedelta(minutes=2), priority="critical")
    lived(queued=now, waited=1, priority="critical")
    lived("batch", queued=now)
    interactive, batch = collect(Filters()).lanes
    assert (interactive.lane, interactive.waiting, interactive.running) == ("interactive", 2, 1)
    assert interactive.oldest == pytest.approx(300, abs=20)
    assert {one.priority: (one.waiting, one.running) for one in interactive.priorities} == {
        "critical": (1, 1),
        "high": (0, 0),
        "normal": (0, 0),
        "low": (1, 0),
    }
    assert interactive.priorities[0].oldest == pytest.approx(120, abs=20)
    assert (batch.waiting, batch.running) == (1, 0)


def test_throughput_and_waiting_times_are_those_of_the_counted_minutes() -> None:
    now = timezone.now().replace(second=30)
    for wait in (2, 4, 8):
        lived(queued=now - timedelta(minutes=2, seconds=20), waited=wait, took=1)
    lived(queued=now - timedelta(minutes=20), waited=1, took=1, state="failed")
    minutes.measure(now)
    lane = collect(Filters(lane="interactive")).lanes[0]
    assert (lane.completed_in_hour, lane.failed_in_hour) == (3, 1)
    assert lane.per_minute == 0.6
    assert (lane.wait_p50, lane.wait_p95) == (4, 8)
    assert len(lane.minutes) == 60


def test_a_run_in_progress_shows_what_its_people_were_told() -> None:
    case = queued_case()
    claim = taken()
    running.begin(claim)
    told = CaseEvent.objects.filter(case=case, type="triage_update").latest("seq")
    (run,) = collect(Filters()).runs
    assert (run.run_id, run.progress, run.stage) == (claim.run_id, told.data["progress"], "gathering")


def test_dead_letters_and_failed_attempts_are_grouped_by_cause() -> None:
    for _ in range(2):
        dead_letter("TypeError", "assess")
    dead_letter("TimeoutError", "compose", lane="batch")
    case = queued_case()
    with failing("assess", TimeoutError()):
        orchestrator.analyse(claim=taken())
    assert TriageRun.objects.get(case=case).state == "queued"
    board = collect(Filters())
    assert [(one.error, one.step, one.count) for one in board.dead_causes] == [
        ("TypeError", "assess", 2),
        ("TimeoutError", "compose", 1),
    ]
    assert [(one.error, one.step, one.count) for one in board.failures] == [
        ("TypeError", "assess", 2),
        ("TimeoutError", "assess", 1),
        ("TimeoutError", "compose", 1),
    ]
    assert board.dead_letters_total == 3


def test_filters_narrow_runs_and_dead_letters() -> None:
    wanted = dead_letter("TypeError", "assess", priority="high")
    dead_letter("TypeError", "compose")
    dead_letter("TypeError", "assess", lane="batch", priority="high")
    waiting = lived(priority="high")
    lived(waited=1)
    filters = Filters(lane="interactive", priority="high")
    assert [run.run_id for run in collect(filters).dead_letters] == [wanted.pk]
    assert collect(filters).runs == []
    assert collect(Filters(error="TypeError", step="compose")).dead_letters_total == 1
    board = collect(Filters(state="queued"))
    assert [run.run_id for run in board.runs] == [waiting.pk]
    assert (board.runs_total, board.dead_letters) == (1, [])
    assert [run.state for run in collect(Filters(state="running")).runs] == ["running"]


def test_what_cannot_be_understood_of_an_address_does_not_narrow() -> None:
    assert not Filters.of_query({"lane": "fast", "state": "'; --", "priority": ""})
    assert (
        Filters.of_query({"cause": "TypeError/assess", "lane": "batch"}).query == "lane=batch&cause=TypeError%2Fassess"
    )


def test_a_batch_is_counted_from_its_rows_and_those_under_way_come_first() -> None:
    running_ = running_batch(4)
    over = running_batch(1)
    orchestrator.cancel_batch(actor=SYSTEM, batch_id=over.pk)
    work(2)
    orchestrator.tend_batches()
    board = collect(Filters())
    assert [batch.batch_id for batch in board.batches] == [running_.pk, over.pk]
    done = BatchRow.objects.filter(batch=running_, state="completed").count()
    assert (board.batches[0].done, board.batches[0].to_do) == (done, 4)


def test_a_job_that_was_due_long_ago_is_late() -> None:
    assert all(job.is_late and job.next_at is None for job in collect(Filters()).schedule)
    now = timezone.now()
    ScheduledJob.objects.create(name="sweep", last_started_at=now - timedelta(seconds=31), outcome="done")
    ScheduledJob.objects.create(name="expire", last_started_at=now - timedelta(seconds=31), outcome="done")
    jobs = {job.name: job for job in collect(Filters()).schedule}
    assert jobs["sweep"].is_late
    assert not jobs["expire"].is_late
    assert jobs["expire"].next_at == now + timedelta(seconds=29)
    assert not jobs["retain"].is_late


def test_ten_queries_at_most_however_many_cases() -> None:
    client = Client()
    client.force_login(bob())
    make_case()
    client.get("/board/")  # flow versions are read once in a process
    for count in (1, 60):
        for number in range(count):
            dead_letter(f"Error{number % 7}", priority="high")
            lived(waited=1)
            lived(waited=1, took=1)
            lived()
            make_case()
        running_batch(3)
        minutes.measure()
        for address in ("/board/", "/board/parts/?state=queued", "/board/?cause=Error1/assess", "/api/v2/tasks/board"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            assert len(queries) <= 10, [query["sql"] for query in queries]
    board = collect(Filters())
    assert len(board.dead_letters) == MOST_LISTED
    assert board.dead_letters_total == 61
    assert board.more_alerts


def test_figures_are_those_of_the_rows_whoever_asks_and_whenever() -> None:
    begun(queued_case())
    dead_letter()
    first, again = collect(Filters()), collect(Filters())
    assert (first.runs, first.dead_letters, first.dead_causes) == (again.runs, again.dead_letters, again.dead_causes)
