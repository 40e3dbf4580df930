"""A real web server on the test's database and Redis, to be killed, restarted and measured."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings

from triage.tests.worker_process import database_url
from triage_project.child import kill_group, spawn
from triage_project.tests.booted import free_port
from triage_project.tests.waiting import wait_until

SOAK = os.environ.get("TRIAGE_SOAK") == "1"
"""Faults at their full length and number, with the times of a real installation."""

IMPATIENT: dict[str, Any] = {
    "hub.POLL": [0.2, 0.5],
    "hints.PROBE": 1.0,
    "hints.PATIENCE": 0.5,
    "hints.RENEWAL": 0.2,
    "hub.TICK": 0.2,
    "hub.HEARTBEAT": [0.5, 1.0],
    "stream.SEND_PATIENCE": 2.0,
}
DEFAULTS: Mapping[str, Any] = {} if SOAK else IMPATIENT


def environment_of_test() -> dict[str, str]:
    """For a process on the test's database and Redis."""
    patience = {} if SOAK else {"UNREAD_SECONDS": "5"}
    return {**os.environ, **patience, "DATABASE_URL": database_url(), "PYTHONPATH": str(settings.BASE_DIR)}


class WebProcess:
    def __init__(self, times: Mapping[str, Any] = DEFAULTS, **environment: str) -> None:
        self.port = free_port()
        self._environment = {**environment_of_test(), "IMPATIENCE": json.dumps(dict(times)), **environment}
        self._log = settings.DATA_DIR / f"web-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns at once; `wait_until_up` waits. From the main thread (see `spawn`)."""
        words = ("triage_project.serve", "--app", "triage.tests.impatient_web:application", "--port", str(self.port))
        with self._log.open("ab") as output:
            self._process = spawn([sys.executable, "-m", *words], environment=self._environment, output=output)

    def is_up(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()[-2000:]
        try:
            return httpx.get(f"{self.url}/healthz", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def wait_until_up(self) -> None:
        wait_until(self.is_up, timeout=60, interval=0.1)

    def kill(self) -> None:
        """As a crash would."""
        if self._process is not None:
            kill_group(self._process)
            self._process.wait()
            self._process = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def _proc(self) -> Path:
        assert self._process is not None
        return Path("/proc") / str(self._process.pid)

    def resident(self) -> int:
        """Bytes of memory."""
        found = re.search(r"^VmRSS:\s+(\d+) kB", (self._proc / "status").read_text(), re.MULTILINE)
        assert found
        return int(found[1]) * 1024

    def sockets(self) -> int:
        """Open sockets, its listening one and those to Redis and database among them."""
        names = (Path(entry.path) for entry in os.scandir(self._proc / "fd"))
        return sum(_points_to_socket(name) for name in names)


def _points_to_socket(name: Path) -> bool:
    try:
        return str(name.readlink()).startswith("socket:")
    except FileNotFoundError:  # closed meanwhile
        return False


@contextmanager
def running_web(times: Mapping[str, Any] = DEFAULTS, **environment: str) -> Iterator[WebProcess]:
    server = WebProcess(times, **environment)
    try:
        server.start()
        server.wait_until_up()
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="session")
def web(django_db_setup: None) -> Iterator[WebProcess]:
    """One server for all tests that leave it well."""
    with running_web() as server:
        yield server
