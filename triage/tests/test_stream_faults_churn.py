"""People who come and go all the time leave nothing behind: no memory, no socket, no task, no subscription."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import aclosing

import pytest
from channels.layers import get_channel_layer

from triage.access import SYSTEM
from triage.dbthreads import in_db_thread
from triage.hub import hub
from triage.stream import follow
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.tests.stream_client import everything_arrives, until, watching
from triage.tests.tcp_proxy import TcpProxy
from triage.tests.web_process import SOAK, WebProcess
from triage.viewers import Viewer
from triage_project.tests.faulty_valkey import FaultyValkey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream, pytest.mark.fault]

SECONDS = 600.0 if SOAK else 4.0
STREAMS = 24
SPARE = 4  # connections to Redis that its pool may keep
GROWTH = 8 << 20  # bytes


def listeners(valkey: FaultyValkey) -> int:
    """Channels that any process listens to."""
    with valkey.client() as client:
        return len(client.pubsub_channels())


async def test_the_server_is_as_it_was(web: WebProcess, valkey: FaultyValkey) -> None:
    async with TcpProxy(web.port) as proxy:
        await churn(web, proxy, SECONDS / 4)  # whatever is made once is made now
        await until(lambda: listeners(valkey) == 0)
        memory, sockets = web.resident(), web.sockets()
        await churn(web, proxy, SECONDS * 3 / 4)
    await until(lambda: listeners(valkey) == 0)
    await until(lambda: web.sockets() <= sockets + SPARE)
    assert web.resident() - memory < GROWTH


async def churn(web: WebProcess, proxy: TcpProxy, seconds: float) -> None:
    """Streams that are cut, and come back, and in the end leave; each has everything. Logs stay short, as long ones
    take memory."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        cases = [(await in_db_thread(make_case)).pk for _ in range(3)]
        async with watching(proxy.port, cases, count=STREAMS) as clients:
            for number in range(4):
                await until(lambda due=number: all(one.connections > due for one in clients))  # type: ignore[misc]
                proxy.cut()
                await in_db_thread(write, random.choice(cases))
            await everything_arrives(clients)


async def test_the_loop_is_as_it_was(valkey: FaultyValkey) -> None:
    case = await in_db_thread(make_case)
    layer = get_channel_layer()._get_layer()
    before = asyncio.all_tasks()
    ends = time.monotonic() + SECONDS / 4
    while time.monotonic() < ends:
        visits = [asyncio.create_task(visit(case.pk, random.randrange(case.last_seq))) for _ in range(6)]
        for one in random.sample(visits, 3):
            one.cancel()
        await asyncio.gather(*visits, return_exceptions=True)
    await until(lambda: not hub().topics)
    assert not hub().streams
    await layer.flush()  # the layer's own task, which it keeps for the next subscription
    await until(lambda: asyncio.all_tasks() <= before)
    assert not layer.groups
    assert not layer.channels
    assert listeners(valkey) == 0


async def visit(case_id: str, after: int) -> None:
    async with aclosing(follow(Viewer(SYSTEM, case_id), after)) as frames:
        await anext(frames)
