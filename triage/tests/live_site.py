"""A whole installation for the test session: real web, worker, schedule and Valkey, started by `manage.py up`."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from triage_project.tests.waiting import wait_until

READY_SECONDS = 90.0
STOP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class LiveSite:
    """`process` is `up` itself. Its web part has no data in common with the test's own database."""

    base_url: str
    data_dir: Path
    username: str
    password: str
    api_key: str
    process: subprocess.Popen[bytes]

    @contextmanager
    def without_worker(self) -> Iterator[None]:
        """For the length of the block nothing is analysed; what is queued waits."""
        workers = self._children("celery.* worker")
        assert workers
        for pid in workers:
            os.killpg(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in workers:
                os.killpg(pid, signal.SIGCONT)

    def _children(self, pattern: str) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=True
        )
        lines = (line.strip().split(maxsplit=1) for line in listed.stdout.splitlines())
        return [int(pid) for pid, command in lines if re.search(pattern, command)]


@pytest.fixture(scope="session")
def live_site() -> Iterator[LiveSite]:
    with tempfile.TemporaryDirectory(prefix="live-") as folder, _up(Path(folder)) as site:
        yield site


@contextmanager
def _up(data_dir: Path) -> Iterator[LiveSite]:
    port, log = _free_port(), data_dir / "up.log"
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "up", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--data-dir", str(data_dir)],
            env=_environment(data_dir),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: b"Ctrl-C stops" in log.read_bytes() or process.poll() is not None, READY_SECONDS)
        if process.poll() is not None:
            pytest.fail(f"`up` ended: {log.read_text()}")
        credentials = json.loads((data_dir / "credentials.json").read_text())
        yield LiveSite(f"http://127.0.0.1:{port}", data_dir, **credentials, process=process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(data_dir: Path) -> dict[str, str]:
    """The tests' own, but for another data directory and its own database."""
    environment = {**os.environ, "TRIAGE_DATA_DIR": str(data_dir), "REDIS_URL": "", "PYTHONUNBUFFERED": "1"}
    environment.pop("DATABASE_URL", None)
    return environment


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
