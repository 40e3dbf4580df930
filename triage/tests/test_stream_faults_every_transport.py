"""One contract for every way to watch a case: SSE, WebSocket, pages of `events`, the progress page, `watch`."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import Callable

import httpx
import pytest
from django.core.management import call_command

from triage import eventlog, orchestrator
from triage.access import SYSTEM
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.tests.stream_client import Transport, keys_of_staff, until, watching
from triage.tests.web_process import WebProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream, pytest.mark.fault]

Watch = Callable[[WebProcess, str, str, int], list[int]]
"""Server, case, key and cursor to the seqs that came after it."""


def over(transport: Transport) -> Watch:
    def watch(web: WebProcess, case_id: str, key: str, after: int) -> list[int]:
        return asyncio.run(_to_the_end(transport, web, case_id, after))

    return watch


async def _to_the_end(transport: Transport, web: WebProcess, case_id: str, after: int) -> list[int]:
    async with watching(web.port, [case_id], after=after, transports=[transport], count=1) as (client,):
        await until(lambda: client.is_over)
        return client.seqs


def by_pages(web: WebProcess, case_id: str, key: str, after: int) -> list[int]:
    seqs: list[int] = []
    last = after + 1
    while after < last:
        page = httpx.get(
            f"{web.url}/api/v2/triage/events/{case_id}?after={after}",
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
        ).json()
        seqs += [event["seq"] for event in page["events"]]
        after, last = seqs[-1] if seqs else after, page["last_seq"]
    return seqs


def by_the_page(web: WebProcess, case_id: str, key: str, after: int) -> list[int]:
    """It shows sentences and, for scripts, the seq they reach; each written step is a sentence of its own."""
    html = httpx.get(
        f"{web.url}/cases/{case_id}/progress/", headers={"Authorization": f"Bearer {key}"}, trust_env=False
    ).text
    log = eventlog.all_of(case_id)
    shown = re.findall(r"<span>(step \d+)</span>", html)
    steps = [event.data["message"] for event in log if "step" in event.data.get("message", "")]
    assert shown == steps
    reached = re.search(r'data-last-seq="(\d+)"', html)
    assert reached
    return [event.seq for event in log if after < event.seq <= int(reached[1])]


def by_command(web: WebProcess, case_id: str, key: str, after: int) -> list[int]:
    output = io.StringIO()
    call_command("watch", case_id, "--json", "--after", str(after), stdout=output)
    return [json.loads(line)["seq"] for line in output.getvalue().splitlines()]


WATCHES: dict[str, Watch] = {
    "sse": over("sse"),
    "websocket": over("websocket"),
    "events": by_pages,
    "page": by_the_page,
    "watch": by_command,
}


@pytest.fixture
def finished() -> tuple[str, int]:
    """A case that is over, longer than two pages of the log, and its last seq."""
    case = make_case()
    write(case.pk, 2 * eventlog.PAGE + 1)
    return case.pk, orchestrator.cancel(actor=SYSTEM, case_id=case.pk).last_seq


@pytest.mark.parametrize("after", [0, 1, eventlog.PAGE, -1], ids=["all", "one seen", "a page seen", "all but one seen"])
@pytest.mark.parametrize("way", WATCHES)
def test_every_event_behind_the_cursor_comes_once_in_order(
    way: str, after: int, web: WebProcess, finished: tuple[str, int]
) -> None:
    case_id, last = finished
    after = last - 1 if after == -1 else after
    (key,) = keys_of_staff(1)
    assert WATCHES[way](web, case_id, key, after) == list(range(after + 1, last + 1))
