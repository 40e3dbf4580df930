"""PostgreSQL closes every connection, as it does when it is restarted: streams go on, and the pool recovers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from triage.dbthreads import in_db_thread
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.tests.stream_client import everything_arrives, watching
from triage.tests.web_process import SOAK, WebProcess, running_web

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.stream,
    pytest.mark.fault,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="there is no server between us and SQLite"),
]

TIMES = 200 if SOAK else 10
SERVER = "triage-web"  # as PostgreSQL knows its connections


@pytest.fixture
def pooled(db: None) -> Iterator[WebProcess]:
    """As in production: connections that are kept, and so can be lost."""
    with running_web(DATABASE_POOL="4", PGAPPNAME=SERVER) as server:
        yield server


def close_all_connections() -> int:
    """Of the server, not the tests' own; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = %s",
            [SERVER],
        )
        (count,) = cursor.fetchone()
    return int(count)


async def test_nothing_is_lost_or_doubled(pooled: WebProcess) -> None:
    case = await in_db_thread(make_case)
    closed = 0
    async with watching(pooled.port, [case.pk], count=4) as clients:
        for _ in range(TIMES):
            await in_db_thread(write, case.pk, 5)
            closed += await in_db_thread(close_all_connections)
            await in_db_thread(write, case.pk, 5)
            await everything_arrives(clients)
    assert closed >= TIMES
