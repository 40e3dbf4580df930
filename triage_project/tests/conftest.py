from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from triage_project.tests.booted import Up


@pytest.fixture
def boot() -> Iterator[Callable[[Path], Up]]:
    """Start an `up` on a directory and wait until it is ready; what the test leaves running is ended."""
    started: list[Up] = []

    def start(data_dir: Path) -> Up:
        started.append(Up(data_dir))
        started[-1].wait_until_ready()
        return started[-1]

    yield start
    for up in started:
        up.end()


@pytest.fixture(scope="session")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One installation for all tests that leave it well; its path is longer than a socket's may be."""
    booted = Up(tmp_path_factory.mktemp("installation") / ("a-long-name-" * 10))
    try:
        booted.wait_until_ready()
        yield booted
    finally:
        booted.end()
