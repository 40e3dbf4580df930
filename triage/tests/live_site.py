"""A whole installation for the test session: real web, worker, schedule and Valkey, started by `manage.py up`."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from triage_project.tests.booted import Up


@dataclass(frozen=True, slots=True)
class LiveSite:
    """`up` is the running installation, which has no data in common with the test's own database."""

    up: Up
    base_url: str
    username: str
    password: str
    api_key: str

    @contextmanager
    def without_worker(self) -> Iterator[None]:
        """For the length of the block nothing is analysed; what is queued waits."""
        worker = self.up.part("worker@")
        os.killpg(worker, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(worker, signal.SIGCONT)


@pytest.fixture(scope="session")
def live_site() -> Iterator[LiveSite]:
    with tempfile.TemporaryDirectory(prefix="live-") as folder:
        up = Up(Path(folder))
        try:
            up.wait_until_ready()
            credentials = json.loads((Path(folder) / "credentials.json").read_text())
            yield LiveSite(up, f"http://127.0.0.1:{up.port}", **credentials)
        finally:
            up.end()
