"""Who reads the log of a case first need not be placed first: each follower gets every event, and none twice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing

import pytest

from triage import hub as hub_module
from triage import stream
from triage.access import SYSTEM
from triage.dbthreads import in_db_thread
from triage.stream import follow
from triage.subscription import Frame
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.tests.stream_client import until
from triage.viewers import Viewer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream, pytest.mark.concurrency]

PATIENCE = 20.0  # seconds


class Held:
    """The first read of a log is done, and its reader hears of it only when told."""

    def __init__(self) -> None:
        self.is_read, self.may_go_on = threading.Event(), threading.Event()
        self._taken = threading.Lock()

    def after(self, read: Callable[[str, int], object]) -> Callable[[str, int], object]:
        def held(case_id: str, cursor: int) -> object:
            found = read(case_id, cursor)
            if self._taken.acquire(blocking=False):
                self.is_read.set()
                assert self.may_go_on.wait(PATIENCE)
            return found

        return held


@pytest.fixture
def first_reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    monkeypatch.setattr(hub_module, "POLL", (600.0, 601.0))  # nothing comes but by hints
    held = Held()
    monkeypatch.setattr(stream, "_begin", held.after(stream._begin))
    yield held
    held.may_go_on.set()


async def collect(frames: AsyncGenerator[Frame, None], into: list[int]) -> None:
    async for frame in frames:
        into += [frame.seq] if frame.seq is not None else []


@pytest.mark.parametrize("seen_before", [True, False], ids=["who knows the log", "who knows nothing"])
async def test_who_read_less_and_is_placed_second_gets_the_rest(first_reader: Held, seen_before: bool) -> None:
    case = await in_db_thread(make_case)
    after = case.last_seq if seen_before else 0
    slow: list[int] = []
    quick: list[int] = []
    viewer = Viewer(SYSTEM, case.pk)
    async with aclosing(follow(viewer, after)) as one, aclosing(follow(viewer, after)) as other:
        reading = [asyncio.create_task(collect(one, slow))]
        await until(first_reader.is_read.is_set)
        last = await in_db_thread(write, case.pk, 2)
        reading.append(asyncio.create_task(collect(other, quick)))
        await until(lambda: quick[-1:] == [last])
        first_reader.may_go_on.set()
        try:
            await until(lambda: slow[-1:] == [last], PATIENCE)
            last = await in_db_thread(write, case.pk)
            await until(lambda: slow[-1:] == quick[-1:] == [last], PATIENCE)
        finally:
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)
    assert slow == quick == list(range(after + 1, last + 1))
