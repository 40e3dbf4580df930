"""A clock that is stepped back: what happened later is shown later, for order is the log's and not the clock's."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import count

import httpx
import pytest

from triage import eventlog
from triage.dbthreads import in_db_thread
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.tests.stream_client import StreamClient, everything_arrives, watching
from triage.tests.web_process import WebProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream, pytest.mark.fault]

START = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)


@pytest.fixture
def clock_runs_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = count()

    class Backwards:
        now = staticmethod(lambda: START - timedelta(hours=next(hours)))

    monkeypatch.setattr(eventlog, "timezone", Backwards)


def messages(client: StreamClient) -> list[str]:
    return [event["message"] for event in client.events if event.get("message", "").startswith("step")]


def page_of(web: WebProcess, case_id: str, key: str) -> str:
    url = f"{web.url}/cases/{case_id}/progress/"
    return httpx.get(url, headers={"Authorization": f"Bearer {key}"}, trust_env=False).text


async def test_streams_keep_the_order_of_the_log(web: WebProcess, clock_runs_backwards: None) -> None:
    case = await in_db_thread(make_case)
    async with watching(web.port, [case.pk]) as clients:
        for _ in range(5):
            await in_db_thread(write, case.pk)
        await everything_arrives(clients)
        for client in clients:
            times = [event["at"] for event in client.events]
            assert times[0] > times[-1]
            assert times == sorted(times, reverse=True)


async def test_the_page_tells_its_story_in_that_order_too(web: WebProcess, clock_runs_backwards: None) -> None:
    case = await in_db_thread(make_case)
    async with watching(web.port, [case.pk]) as clients:
        for _ in range(5):
            await in_db_thread(write, case.pk)
        await everything_arrives(clients)
        page = await in_db_thread(page_of, web, case.pk, clients[0].key)
        assert re.findall(r"<span>(step \d+)</span>", unescape(page)) == messages(clients[0])
