"""The web part on the test's database and Redis, on a port of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from triage.tests.web_process import environment_of_test
from triage_project.child import kill_group, spawn
from triage_project.parts import is_healthy
from triage_project.tests.booted import free_port
from triage_project.tests.waiting import wait_until


@contextmanager
def served(log: Path, words: Sequence[str] = (), **extra: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A server on a free port that answers: its port and its process."""
    port = free_port()
    command = [sys.executable, "-m", "triage_project.serve", "--port", str(port), *words]
    with log.open("wb") as output:
        process = spawn(command, environment={**environment_of_test(), **extra}, output=output)
    try:
        wait_until(lambda: is_healthy("127.0.0.1", port, "localhost"), timeout=30, interval=0.1)
        yield port, process
    finally:
        kill_group(process)
        process.wait()
