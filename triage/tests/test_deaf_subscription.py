"""A subscription to hints that looks open and is deaf is noticed, and renewed, without anybody's poll."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer

from triage import hints, orchestrator
from triage import hub as hub_module
from triage.access import SYSTEM
from triage.stream import follow
from triage.tests.cast import make_case
from triage.tests.stream_client import until
from triage.viewers import Viewer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream]


async def test_hints_are_heard_again_after_the_subscription_went_deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "POLL", (600.0, 601.0))
    monkeypatch.setattr(hints, "PROBE", 0.1)
    monkeypatch.setattr(hints, "PATIENCE", 0.3)
    monkeypatch.setattr(hints, "RENEWAL", 0.05)
    case = await sync_to_async(make_case)()
    async with aclosing(follow(Viewer(SYSTEM, case.pk), 0)) as frames, asyncio.timeout(30):
        await anext(frames)
        heard = hub_module.hub().hints
        while not heard.times_deaf:  # the hub may just be about to subscribe
            await _unsubscribe_behind_its_back()
            with suppress(TimeoutError):
                await until(lambda: heard.times_deaf > 0, 1.0)
        made = await sync_to_async(orchestrator.answer)(actor=SYSTEM, case_id=case.pk, text="yesterday")
        while True:  # the hint of the answer may have come before the renewal; the next one is heard
            frame = await anext(frames)
            if frame.seq == made.last_seq:
                break
            if frame.type == "heartbeat":
                made = await sync_to_async(orchestrator.answer)(actor=SYSTEM, case_id=case.pk, text="yesterday")


async def _unsubscribe_behind_its_back() -> None:
    """As a half-open connection: the layer believes that it listens, and nothing comes."""
    layer = get_channel_layer()._get_layer()
    for shard in layer._shards:
        await shard._pubsub.unsubscribe()
