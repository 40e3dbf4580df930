"""`manage.py triage` as a person runs it: a process of its own on a fresh data directory, nothing left behind."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.conf import settings

from triage_project.tests.booted import environment, manage, processes
from triage_project.tests.waiting import wait_until

FLOWS = str(Path(__file__).parent / "flows")
SMALL = ("--flow", "three-questions", "--language", "en")
SECONDS = 60.0


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fresh for the first test, used for the others."""
    return tmp_path_factory.mktemp("triage")


def triage(data_dir: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return manage("triage", *words, TRIAGE_DATA_DIR=str(data_dir), TRIAGE_FLOW_DIRS=FLOWS)


class Terminal:
    """A command on a terminal of its own, and all that it wrote there."""

    def __init__(self, data_dir: Path, *words: str) -> None:
        self.text = ""
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "triage", *words],
            env=environment(TRIAGE_DATA_DIR=str(data_dir), TRIAGE_FLOW_DIRS=FLOWS, TERM="xterm"),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        os.set_blocking(self._ours, False)

    def wait_for(self, words: str) -> None:
        """Until these words come after those waited for before."""
        wait_until(lambda: words in self._read(), SECONDS)
        self.text = self.text.split(words, 1)[1]

    def type(self, line: str) -> None:
        os.write(self._ours, f"{line}\r".encode())

    def exit_code(self) -> int:
        """A terminal that nobody reads would hold up the command, so read on until it ends."""
        wait_until(lambda: self._read() is not None and self.process.poll() is not None, SECONDS)
        return self.process.wait()

    def _read(self) -> str:
        with suppress(OSError):  # nothing new, or the other end is closed
            while new := os.read(self._ours, 65536):
                self.text += new.decode(errors="replace")
        return self.text

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


@contextmanager
def on_a_terminal(data_dir: Path, *words: str) -> Iterator[Terminal]:
    terminal = Terminal(data_dir, *words)
    try:
        yield terminal
    finally:
        terminal.close()


def test_answers_from_a_file_give_envelopes_up_to_the_result_and_nothing_stays_running(data_dir: Path) -> None:
    answers = data_dir / "answers.yaml"
    answers.write_text("message: I fell on the street\nwhen_happened: on 3 March\nhow_much: R$ 300\n")
    before = set(processes())
    done = triage(data_dir, *SMALL, "--answers", str(answers), "--json")
    assert done.returncode == 0, done.stderr
    bodies = [json.loads(line) for line in done.stdout.splitlines()]
    assert [body["seq"] for body in bodies] == list(range(1, len(bodies) + 1))
    assert bodies[-1]["type"] == "triage_completed"
    assert {one["slot"] for one in bodies[-1]["result"]["understood"]} == {"happened_on", "damage"}
    left = {pid: line for pid, (_, line) in processes().items() if pid not in before and str(data_dir) in line}
    assert not left


def test_lines_of_a_pipe_are_answers_and_its_end_ends_the_interview(data_dir: Path) -> None:
    done = triage(data_dir, "I fell on the street", *SMALL)  # its input is at its end at once
    assert done.returncode == 0, done.stderr
    assert "Crash [CR]" in done.stdout
    assert not set("\x1b╭") & set(done.stdout)


def test_ctrl_c_leaves_a_case_that_is_taken_up_where_it_was_left(data_dir: Path) -> None:
    with on_a_terminal(data_dir, "I fell on the street", *SMALL) as terminal:
        terminal.wait_for("When did it happen?")
        terminal.wait_for("❯ ")
        terminal.type("on 3 March")
        terminal.wait_for("How much is the damage?")
        terminal.wait_for("❯ ")
        terminal.process.send_signal(signal.SIGINT)
        terminal.wait_for("--case ")
        assert terminal.exit_code() == 130
        case_id = terminal.text.split()[0]
    with on_a_terminal(data_dir, "--case", case_id) as terminal:
        terminal.wait_for("How much is the damage?")
        terminal.wait_for("❯ ")
        terminal.type("R$ 300")
        terminal.wait_for("Was anybody hurt?")
        terminal.wait_for("❯ ")
        terminal.type("yes, I fainted")
        terminal.wait_for("See a doctor now.")
        terminal.wait_for("Medical report")
        assert terminal.exit_code() == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--case", "case_nowhere"), "There is no such case."),
        (("hello", *SMALL, "--user", "nobody"), "There is no user 'nobody'."),
        (("hello", "--case", "case_nowhere"), "--case goes on with a case"),
        (("--answers", "/nowhere.yaml"), "/nowhere.yaml cannot be read"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_on_stderr(data_dir: Path, words: tuple[str, ...], sentence: str) -> None:
    done = triage(data_dir, "--json", *words)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not done.stdout


def test_an_unreachable_redis_is_one_sentence() -> None:
    done = manage("triage", "hello", REDIS_URL="redis://127.0.0.1:1/0")
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: REDIS_URL redis://127.0.0.1:1/0 cannot be reached")
    assert len(done.stderr.strip().splitlines()) == 1
