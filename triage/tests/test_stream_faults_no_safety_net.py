"""The proof that the poll is what saves an event whose hint was lost: without it the event does not come."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from triage import hub as hub_module
from triage.access import SYSTEM
from triage.dbthreads import in_db_thread
from triage.stream import follow
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.viewers import Viewer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream, pytest.mark.fault]

NEVER = (600.0, 601.0)
OFTEN = (0.1, 0.2)


@pytest.mark.parametrize(("poll", "arrives"), [(OFTEN, True), (NEVER, False)])
async def test_an_event_without_hint_comes_by_the_poll_alone(
    poll: tuple[float, float], arrives: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "POLL", poll)
    monkeypatch.setattr(hub_module, "HEARTBEAT", (0.5, 0.6))
    case = await in_db_thread(make_case)
    async with aclosing(follow(Viewer(SYSTEM, case.pk), case.last_seq - 1)) as frames, asyncio.timeout(30):
        assert (await anext(frames)).seq == case.last_seq
        assert (await anext(frames)).type == "heartbeat"  # the log was read to its end; now it is live
        last = await in_db_thread(write, case.pk, hinted=False)
        following = [await anext(frames) for _ in range(3)]
    assert (last in {frame.seq for frame in following}) is arrives
    if not arrives:
        assert {frame.type for frame in following} == {"heartbeat"}


async def test_the_next_hint_brings_what_earlier_ones_did_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "POLL", NEVER)
    monkeypatch.setattr(hub_module, "HEARTBEAT", (0.2, 0.3))
    case = await in_db_thread(make_case)
    async with aclosing(follow(Viewer(SYSTEM, case.pk), case.last_seq - 1)) as frames, asyncio.timeout(30):
        await anext(frames)
        await anext(frames)
        await in_db_thread(write, case.pk, 3, hinted=False)
        last = await in_db_thread(write, case.pk)
        found: list[int] = []
        while not found or found[-1] < last:
            frame = await anext(frames)
            found += [frame.seq] if frame.seq is not None else []
    assert found == list(range(case.last_seq + 1, last + 1))
