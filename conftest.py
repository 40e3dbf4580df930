"""One data directory and one real Valkey for the whole test session.

The environment is set before Django reads its settings, hence here and not in a fixture (and
DJANGO_SETTINGS_MODULE here and not in pyproject.toml, where pytest-django would load it earlier still).
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Short, since a Unix socket's path is. Never anybody's own data, Redis or key.
DATA_DIR = Path(tempfile.mkdtemp(prefix="triage-"))
os.environ.update(
    DJANGO_SETTINGS_MODULE="triage_project.settings",
    TRIAGE_DATA_DIR=str(DATA_DIR),
    REDIS_URL="",
    SECRET_KEY="",
    DEBUG="true",
    TRIAGE_LLM_MODELS="",
)

# Whoever runs the tests in the background may ignore Ctrl-C; programs started here must not inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

import django  # noqa: E402
from django.conf import settings  # noqa: E402

django.setup()
if settings.DATA_DIR != DATA_DIR:
    pytest.exit("Unset DJANGO_SETTINGS_MODULE: the tests bring their own environment.", returncode=2)

from triage.dbthreads import close_kept_connections  # noqa: E402
from triage_project.tests.faulty_valkey import FaultyValkey  # noqa: E402


def pytest_unconfigure() -> None:
    shutil.rmtree(DATA_DIR, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    yield
    close_kept_connections()  # or PostgreSQL does not drop the database


@pytest.fixture(scope="session")
def session_valkey() -> Iterator[FaultyValkey]:
    with FaultyValkey(DATA_DIR) as server:
        yield server


@pytest.fixture(autouse=True)
def empty_redis(session_valkey: FaultyValkey) -> None:
    """Every test begins with a running, empty Redis."""
    session_valkey.wipe()


@pytest.fixture
def valkey(session_valkey: FaultyValkey) -> Iterator[FaultyValkey]:
    """For tests that stop, pause, kill or wipe Redis."""
    yield session_valkey
    session_valkey.heal()
