"""A real worker, and a real schedule, on the test's database and Redis."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from triage_project import parts
from triage_project.child import kill_group, spawn
from triage_project.supervisor import Part
from triage_project.tests.waiting import wait_until


def database_url() -> str:
    """The address of the test database, which has another name than the settings say."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    login = f"{quote(found['USER'])}:{quote(found['PASSWORD'] or '')}" if found["USER"] else ""
    return f"postgres://{login}@{quote(found['HOST'] or '', safe='')}:{found['PORT'] or ''}/{found['NAME']}"


def worker_process(**environment: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """A worker that is ready; killed in the end if it still runs."""
    return _running(parts.worker(settings.DATA_DIR), environment)


def schedule_process(**environment: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
    return _running(parts.schedule(settings.DATA_DIR), environment)


@contextmanager
def _running(part: Part, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    log = settings.DATA_DIR / f"{part.name}.log"
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
