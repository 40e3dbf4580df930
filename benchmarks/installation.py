"""A whole installation that lasts as long as one benchmark: its own data directory, database and Valkey."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command


@contextmanager
def throwaway_installation() -> Iterator[Path]:
    """Django is set up inside, so benchmarks that need models are imported inside as well."""
    with tempfile.TemporaryDirectory(prefix="triage-bench-") as name:
        data_dir = Path(name)
        os.environ.update(
            DJANGO_SETTINGS_MODULE="triage_project.settings",
            TRIAGE_DATA_DIR=name,
            DATABASE_URL=f"sqlite:///{data_dir / 'triage.sqlite3'}",
            REDIS_URL="",
            SECRET_KEY="only for this benchmark",  # and so without DEBUG, which would log every query
            LOG_LEVEL="ERROR",
        )
        django.setup()
        from triage_project.embedded import EmbeddedValkey

        with EmbeddedValkey(data_dir):
            call_command("migrate", verbosity=0, skip_checks=True)
            yield data_dir
