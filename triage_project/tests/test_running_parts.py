"""Commands that need Valkey and a worker bring their own when nobody runs them."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from triage_project.tests.booted import Up, descendants, environment, processes
from triage_project.tests.waiting import wait_until

COMMAND = """
import sys
import django
django.setup()
from django.conf import settings
from triage_project.running import running_parts, worker_answers
def answer():  # on a busy machine the first question may wait longer than it is waited for
    return "worker answers" if any(worker_answers() for _ in range(10)) else "no worker"
with running_parts(settings.DATA_DIR):
    print(answer(), flush=True)
    sys.stdin.readline()
    print(answer(), flush=True)
"""


def start(data_dir: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND],
        env=environment(TRIAGE_DATA_DIR=str(data_dir), DJANGO_SETTINGS_MODULE="triage_project.settings"),
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def next_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def test_the_first_command_brings_them_and_stays_until_the_second_is_done(tmp_path: Path) -> None:
    first, second = start(tmp_path), start(tmp_path)
    assert next_line(first) == next_line(second) == "worker answers"
    owner, guest = (first, second) if descendants(first.pid) else (second, first)
    children = descendants(owner.pid)
    assert not descendants(guest.pid)

    go_on(owner)
    assert next_line(owner) == "worker answers"
    go_on(guest)
    assert next_line(guest) == "worker answers"
    assert owner.wait(timeout=20) == guest.wait(timeout=20) == 0
    assert not children & processes().keys()


def test_with_a_running_up_nothing_is_started(up: Up) -> None:
    command = start(up.data_dir)
    assert next_line(command) == "worker answers"
    assert not descendants(command.pid)
    go_on(command)
    assert command.wait(timeout=20) == 0


@pytest.mark.fault
def test_kill_9_of_the_command_takes_its_parts(tmp_path: Path) -> None:
    command = start(tmp_path)
    assert next_line(command) == "worker answers"
    children = descendants(command.pid)
    command.send_signal(signal.SIGKILL)
    command.wait()
    wait_until(lambda: not children & processes().keys(), timeout=5)
