"""kill -9 of the server: all its streams resume at the next one, on the same port, behind what they saw."""

from __future__ import annotations

import pytest

from triage.dbthreads import in_db_thread
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.tests.stream_client import everything_arrives, until, watching
from triage.tests.web_process import SOAK, WebProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream, pytest.mark.fault]

STREAMS = 200 if SOAK else 40
CASES = 4
KILLS = 5 if SOAK else 2


async def test_all_streams_of_a_killed_server_resume_at_the_next(web: WebProcess) -> None:
    cases = [(await in_db_thread(make_case)).pk for _ in range(CASES)]
    async with watching(web.port, cases, count=STREAMS) as clients:
        for number in range(KILLS):
            await until(lambda due=number: all(client.connections > due for client in clients))  # type: ignore[misc]
            for case_id in cases:
                await in_db_thread(write, case_id, 3)
            web.kill()
            for case_id in cases:
                await in_db_thread(write, case_id, 3)
            web.start()
            await everything_arrives(clients, seconds=60)
        for case_id in cases:
            await in_db_thread(write, case_id, 3)
        await everything_arrives(clients)
