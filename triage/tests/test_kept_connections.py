"""SQL of streams: the threads keep their connections, and notice when one is no good any more."""

from __future__ import annotations

import asyncio

import pytest
from django.db import DatabaseError, connection

from triage.dbthreads import THREADS, close_kept_connections, in_db_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream]


def the_connection() -> int:
    connection.ensure_connection()
    return id(connection.connection)


def break_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")


async def test_reads_share_as_many_connections_as_there_are_threads() -> None:
    close_kept_connections()
    used = {await in_db_thread(the_connection) for _ in range(20)}
    assert len(used) <= THREADS
    used |= set(await asyncio.gather(*(in_db_thread(the_connection) for _ in range(50))))
    assert len(used) <= THREADS


async def test_after_an_error_every_thread_begins_anew() -> None:
    opened: list[object] = []

    def open_now() -> None:
        connection.ensure_connection()
        opened.append(connection.connection)  # referred to, so that its id is nobody else's

    await asyncio.gather(*(in_db_thread(open_now) for _ in range(50)))
    before = {id(one) for one in opened}
    with pytest.raises(DatabaseError):
        await in_db_thread(break_it)
    after = set(await asyncio.gather(*(in_db_thread(the_connection) for _ in range(50))))
    assert not before & after
