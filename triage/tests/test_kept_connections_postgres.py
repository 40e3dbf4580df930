"""PostgreSQL closed the connections that the threads of streams keep: one call finds out, and all are well again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from django.db import DatabaseError, connection

from triage.access import create_api_key
from triage.dbthreads import in_db_thread, in_entry_thread
from triage.tests.cast import alice, make_case
from triage.tests.web_process import WebProcess, running_web

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.stream,
    pytest.mark.fault,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="there is no server between us and SQLite"),
]

SERVER = "triage-kept"  # as PostgreSQL knows the connections of the server
ROUNDS = 5


def own_pid(seconds: float = 0.0) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid() FROM pg_sleep(%s)", [seconds])
        return int(cursor.fetchone()[0])


def terminate(pids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s) AS pid", [pids])


def terminate_those_of_server() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = %s",
            [SERVER],
        )
        return len(cursor.fetchall())


async def test_one_call_fails_at_most_and_every_thread_begins_anew() -> None:
    for _ in range(ROUNDS):
        at_once = [call(own_pid, 0.05) for call in (in_db_thread, in_entry_thread) for _ in range(8)]
        pids = set(await asyncio.gather(*at_once))
        assert len(pids) > 2
        await asyncio.to_thread(in_own_connection, sorted(pids))
        failures = 0
        for call in (in_db_thread, in_entry_thread) * 10:
            try:
                assert await call(own_pid) not in pids
            except DatabaseError:
                failures += 1
        assert failures <= 1


def in_own_connection(pids: list[int]) -> None:
    try:
        terminate(pids)
    finally:
        connection.close()


@pytest.fixture(params=["", "4"], ids=["kept by threads", "kept by a pool"])
def server(db: None, request: pytest.FixtureRequest) -> Iterator[WebProcess]:
    pool = {"DATABASE_POOL": request.param} if request.param else {}
    with running_web(PGAPPNAME=SERVER, **pool) as made:
        yield made


def test_one_stream_is_refused_at_most(server: WebProcess) -> None:
    case, key = make_case(), create_api_key(alice())
    headers = {"Authorization": f"Bearer {key}"}
    address = f"/api/v2/triage/stream/{case.pk}?after={case.last_seq}"
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=20) as client:
        for _ in range(ROUNDS):
            for _ in range(4):
                assert status(client, address) == 200
            assert terminate_those_of_server() > 0
            found = [status(client, address) for _ in range(10)]
            assert found.count(200) >= 9, found
            assert set(found) <= {200, 503}


def status(client: httpx.Client, address: str) -> int:
    with client.stream("GET", address) as response:
        return response.status_code
