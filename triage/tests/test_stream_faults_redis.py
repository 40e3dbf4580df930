"""Whatever Redis suffers, no stream loses an event, and none is told one twice."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from triage.dbthreads import in_db_thread
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.tests.stream_client import everything_arrives, watching
from triage.tests.web_process import SOAK, WebProcess
from triage_project.tests.faulty_valkey import FaultyValkey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream, pytest.mark.fault]

Fault = Callable[[FaultyValkey], object]


def kick_subscribers(valkey: FaultyValkey) -> None:
    with valkey.client() as client:
        assert client.execute_command("CLIENT", "KILL", "TYPE", "pubsub") > 0


def nothing(valkey: FaultyValkey) -> None:
    """It is well again already."""


FAULTS: dict[str, tuple[Fault, Fault]] = {
    "killed and started again": (FaultyValkey.kill, FaultyValkey.start),
    "stopped and started again": (FaultyValkey.stop, FaultyValkey.start),
    "paused": (FaultyValkey.pause, FaultyValkey.resume),
    "its subscribers are kicked": (kick_subscribers, nothing),
    "emptied": (FaultyValkey.wipe, nothing),
}
ROUNDS = 10 if SOAK else 1
LASTS = 10.0 if SOAK else 2.0  # seconds


@pytest.mark.parametrize("what", FAULTS)
async def test_nothing_is_lost_or_doubled(what: str, web: WebProcess, valkey: FaultyValkey) -> None:
    begin, end = FAULTS[what]
    case = await in_db_thread(make_case)
    async with watching(web.port, [case.pk], count=4) as clients:
        await everything_arrives(clients)
        for _ in range(ROUNDS):
            await in_db_thread(write, case.pk, 10)
            begin(valkey)
            ends = time.monotonic() + LASTS
            while time.monotonic() < ends:
                await in_db_thread(write, case.pk)
                await everything_arrives(clients)
            end(valkey)
            await in_db_thread(write, case.pk, 10)
            await everything_arrives(clients)
        assert {client.connections for client in clients} == {1}  # the streams themselves never broke
