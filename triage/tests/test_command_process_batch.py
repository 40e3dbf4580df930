"""`manage.py process_batch`: check, run, follow, pause by Ctrl-C, resume, write results."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from triage import orchestrator
from triage.access import SYSTEM
from triage.batches.results import counts_of
from triage.models import Batch, Case
from triage.terminal.batch import WINDOW, Pace
from triage.tests.batch_files import TEXT, csv_file, made_batch, numbered, running_batch, work
from triage.tests.loaded_flows import load_small_flow
from triage.tests.web_process import environment_of_test
from triage_project.tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

FLOW = ("--flow", "three-questions", "--language", "en")


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    load_small_flow()
    path = tmp_path / "cases.csv"
    path.write_bytes(numbered(12).getvalue())
    return path


def process(*words: object) -> tuple[str, str]:
    output, notes = io.StringIO(), io.StringIO()
    call_command("process_batch", *map(str, words), stdout=output, stderr=notes)
    return output.getvalue(), notes.getvalue()


@contextmanager
def a_worker() -> Iterator[None]:
    """Somebody who works in the batch lane while the command looks on."""
    over = threading.Event()

    def go_on() -> None:
        while not over.is_set():
            work()
            over.wait(0.05)
        connection.close()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_file_is_told_followed_and_its_results_are_written(cases: Path, tmp_path: Path) -> None:
    results = tmp_path / "results.csv"
    with a_worker():
        output, _ = process(cases, *FLOW, "--output", results)
    assert "12 rows: 12 good, 0 processed before, 0 with mistakes" in output
    assert "100 % 12 of 12" in output
    assert "completed: 12 completed" in output
    rows = list(csv.DictReader(results.open(encoding="utf-8-sig")))
    assert [row["state"] for row in rows] == ["completed"] * 12


def test_with_mistakes_each_is_told_by_line_and_nothing_starts(cases: Path) -> None:
    cases.write_bytes(csv_file("text,hurt", f"{TEXT},maybe", "hello,", f"{TEXT},yes").getvalue())
    notes = io.StringIO()
    with pytest.raises(CommandError, match="--skip-bad"):
        call_command("process_batch", str(cases), *FLOW, stdout=io.StringIO(), stderr=notes)
    assert notes.getvalue().splitlines() == [
        "line 2: “maybe” is not understood as “hurt”.",
        "line 3: The text tells no case: “hello”.",
    ]
    assert not Case.objects.exists()
    with a_worker():
        output, _ = process(cases, *FLOW, "--skip-bad")
    assert "1 completed, 2 invalid" in output


def test_a_dry_run_keeps_nothing(cases: Path) -> None:
    output, _ = process(cases, *FLOW, "--dry-run")
    assert "12 good" in output
    cases.write_bytes(b"text\nhello\n")
    with pytest.raises(CommandError, match="has mistakes"):
        process(cases, *FLOW, "--dry-run")
    assert not Batch.objects.exists()


def test_a_paused_batch_is_resumed_and_a_finished_one_shown() -> None:
    batch = running_batch(12)
    work(3)
    orchestrator.pause_batch(actor=SYSTEM, batch_id=batch.pk)
    with a_worker():
        output, _ = process("--resume", batch.pk)
    assert "12 completed" in output
    assert "12 completed" in process("--resume", batch.pk)[0]


def test_one_that_was_cancelled_meanwhile_ends_and_says_so(tmp_path: Path) -> None:
    batch, results = running_batch(12), tmp_path / "results.jsonl"
    work(3)

    def cancel() -> None:
        orchestrator.cancel_batch(actor=SYSTEM, batch_id=batch.pk)
        connection.close()

    cancelling = threading.Timer(0.3, cancel)
    cancelling.start()
    output, _ = process("--resume", batch.pk, "--output", results)
    cancelling.join()
    assert "cancelled: 3 completed" in output
    assert [json.loads(line)["line"] for line in results.open()] == list(range(2, 14))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "Give a file, or --resume"),
        (["nowhere.csv", *FLOW], "nowhere.csv: No such file or directory"),
        (["cases.csv"], "Say which flow"),
        (["--resume", "batch_nowhere"], "There is no such batch."),
        (["cases.csv", *FLOW, "--output", "results.pdf"], "written as .csv or .jsonl"),
    ],
)
def test_what_is_wrong_is_one_sentence(cases: Path, words: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        process(*(str(cases) if word == "cases.csv" else word for word in words))


@pytest.mark.fault
def test_ctrl_c_pauses_and_says_how_to_go_on(cases: Path) -> None:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "process_batch", str(cases), *FLOW]
    running = subprocess.Popen(
        command, env={**environment_of_test(), "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True
    )
    wait_until(lambda: Batch.objects.filter(state=Batch.State.RUNNING).exists(), timeout=30)
    work(3)
    os.kill(running.pid, signal.SIGINT)
    output, _ = running.communicate(timeout=30)
    batch = Batch.objects.get()
    assert running.returncode == 130
    assert batch.state == Batch.State.PAUSED
    assert f"process_batch --resume {batch.pk}" in output
    assert counts_of([batch.pk])[batch.pk].waiting > 0


def test_a_file_that_is_interrupted_while_it_is_checked_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_portion: object) -> None:
        raise KeyboardInterrupt

    load_small_flow()
    with pytest.raises(KeyboardInterrupt):
        orchestrator.create_batch(
            actor=SYSTEM, flow_id="three-questions", language="en", file=numbered(3), name="a.csv", watch=interrupted
        )
    assert not Batch.objects.exists()


def test_the_pace_is_that_of_the_last_half_minute_and_none_before_there_is_one() -> None:
    now = [0.0]
    pace = Pace(clock=lambda: now[0])
    pace.see(0)
    now[0] = 1.0
    pace.see(50)
    assert pace.per_second is None
    now[0] = 10.0
    pace.see(100)
    assert pace.per_second == 10.0
    now[0] = 10.0 + WINDOW
    pace.see(100)
    assert pace.per_second is None
    assert pace.quiet_for == WINDOW


def test_rows_processed_before_are_named() -> None:
    running_batch(3)
    work()
    assert counts_of([made_batch(numbered(5)).pk]).popitem()[1].skipped == 3
