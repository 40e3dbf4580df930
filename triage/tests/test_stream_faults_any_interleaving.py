"""However writers, readers, cuts and resets interleave, each reader gets the log: once, in order, from its cursor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage import hub as hub_module
from triage.access import SYSTEM
from triage.dbthreads import in_db_thread
from triage.stream import follow
from triage.subscription import Frame
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.tests.web_process import SOAK
from triage.viewers import Viewer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream, pytest.mark.fault]

READERS = 3
UNREACHED = 10_000  # a cursor beyond any log here


@dataclass(eq=False, slots=True)
class Reader:
    """`seen`: what came since the log was last begun anew."""

    case_id: str
    seen: list[int] = field(default_factory=list)
    resets: int = 0
    frames: AsyncGenerator[Frame, None] | None = None

    async def read(self, until: int) -> None:
        """Up to event `until`, which is in the log."""
        if self.frames is None:
            self.frames = follow(Viewer(SYSTEM, self.case_id), len(self.seen))
        while len(self.seen) < until:
            self._take(await anext(self.frames))

    async def cut(self) -> None:
        if self.frames is not None:
            await self.frames.aclose()
            self.frames = None

    async def reset(self) -> None:
        """It comes with a cursor that nobody gave it, and is told."""
        await self.cut()
        self.frames = follow(Viewer(SYSTEM, self.case_id), UNREACHED)
        frame = await anext(self.frames)
        assert frame.type == "stream_reset"
        self.seen = []

    def _take(self, frame: Frame) -> None:
        if frame.seq is not None:
            self.seen.append(frame.seq)
            assert self.seen == list(range(1, len(self.seen) + 1))


WHO = st.integers(0, READERS - 1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(1, 4), st.booleans()),
        st.tuples(st.just("read"), WHO, st.integers(1, 6)),
        st.tuples(st.just("cut"), WHO, st.none()),
        st.tuples(st.just("reset"), WHO, st.none()),
    ),
    min_size=3,
    max_size=20,
)


@settings(
    max_examples=500 if SOAK else 40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_every_reader_gets_the_log(steps: list[tuple[str, int, int | bool | None]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub_module, "POLL", (0.02, 0.05))
        case = make_case()
        asyncio.run(play(case.pk, case.last_seq, steps))


async def play(case_id: str, last: int, steps: list[tuple[str, int, int | bool | None]]) -> None:
    """Writers do not wait for each other nor for readers; a reader asks for no more than was written."""
    readers = [Reader(case_id) for _ in range(READERS)]
    async with asyncio.timeout(30), AsyncExitStack() as stack:
        for reader in readers:
            stack.push_async_callback(reader.cut)
        async with asyncio.TaskGroup() as writers:
            for what, number, detail in steps:
                if what == "write":
                    writers.create_task(in_db_thread(write, case_id, number, hinted=bool(detail)))
                    last += number
                elif what == "read":
                    await readers[number].read(min(last, len(readers[number].seen) + int(detail or 0)))
                elif what == "cut":
                    await readers[number].cut()
                else:
                    await readers[number].reset()
        for reader in readers:
            await reader.read(last)
            assert reader.seen == list(range(1, last + 1))
