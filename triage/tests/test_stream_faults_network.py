"""Whatever the network does between client and server, the client gets each event once, in order."""

from __future__ import annotations

import pytest

from triage.dbthreads import in_db_thread
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.tests.stream_client import everything_arrives, until, watching
from triage.tests.tcp_proxy import TcpProxy
from triage.tests.web_process import SOAK, WebProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream, pytest.mark.fault]

SILENCE = 20.0 if SOAK else 2.0
ROUNDS = 100 if SOAK else 6


async def test_connections_cut_again_and_again_lose_nothing(web: WebProcess) -> None:
    case = await in_db_thread(make_case)
    async with TcpProxy(web.port) as proxy, watching(proxy.port, [case.pk], silence=SILENCE) as clients:
        for number in range(ROUNDS):
            await in_db_thread(write, case.pk, 5)
            proxy.cut()
            await in_db_thread(write, case.pk, 5)
            await until(lambda due=number: all(client.connections > due for client in clients))  # type: ignore[misc]
        await everything_arrives(clients)


async def test_a_frame_cut_in_its_middle_comes_again_whole(web: WebProcess) -> None:
    case = await in_db_thread(make_case)
    last = await in_db_thread(write, case.pk, 40)
    lengths = range(1500, 1500 + 101 * ROUNDS * 2, 101)
    async with TcpProxy(web.port, lengths) as proxy, watching(proxy.port, [case.pk], silence=SILENCE) as clients:
        await until(lambda: all(client.cursor == last for client in clients))
        await in_db_thread(write, case.pk, 100)
        await everything_arrives(clients)
        assert min(client.connections for client in clients) > 1


async def test_a_network_that_stands_still_delays_and_loses_nothing(web: WebProcess) -> None:
    case = await in_db_thread(make_case)
    async with TcpProxy(web.port) as proxy, watching(proxy.port, [case.pk], silence=SILENCE) as clients:
        await everything_arrives(clients)
        opened = proxy.opened
        proxy.stall()
        await in_db_thread(write, case.pk, 50)
        await until(lambda: proxy.opened >= opened + len(clients))  # each gave up and came anew, in vain
        proxy.flow()
        await everything_arrives(clients)


async def test_a_half_open_connection_is_left_for_one_that_works(web: WebProcess) -> None:
    case = await in_db_thread(make_case)
    async with TcpProxy(web.port) as proxy, watching(proxy.port, [case.pk], silence=SILENCE) as clients:
        for number in range(2):
            await until(lambda due=number: all(client.connections > due for client in clients))  # type: ignore[misc]
            await everything_arrives(clients)
            proxy.half_open()
            await in_db_thread(write, case.pk, 20)
            await everything_arrives(clients)
