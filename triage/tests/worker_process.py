"""A real worker on the test's database and Redis."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from triage_project import parts
from triage_project.child import kill_group, spawn
from triage_project.tests.waiting import wait_until


def database_url() -> str:
    """The address of the test database, which has another name than the settings say."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    login = f"{quote(found['USER'])}:{quote(found['PASSWORD'] or '')}" if found["USER"] else ""
    return f"postgres://{login}@{quote(found['HOST'] or '', safe='')}:{found['PORT'] or ''}/{found['NAME']}"


@contextmanager
def worker_process(**environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that is ready; killed in the end if it still runs."""
    part = parts.worker(settings.DATA_DIR)
    log = settings.DATA_DIR / "worker.log"
    with log.open("ab") as output:
        process = spawn(
            part.command,
            environment={**os.environ, **part.environment, "DATABASE_URL": database_url(), **environment},
            output=output,
        )
    try:
        wait_until(lambda: part.is_ready(process.pid) or process.poll() is not None, timeout=60)
        assert process.poll() is None, log.read_text()[-2000:]
        yield process
    finally:
        kill_group(process)
        process.wait()
