"""A right that was lost ends a stream within five seconds, and at once when the stream is still catching up."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing

import pytest
from django.utils import timezone

from triage import eventlog
from triage import hub as hub_module
from triage.access import SYSTEM, actor_of_key, create_api_key
from triage.dbthreads import in_db_thread
from triage.hub import hub
from triage.models import ApiKey
from triage.stream import BATCH, batches, follow
from triage.subscription import AccessRevoked, Subscription
from triage.tests.cast import alice, make_case
from triage.tests.log_writer import write
from triage.tests.stream_client import until
from triage.viewers import Viewer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream]

PROMISED = 5.0  # seconds


def come_with_a_key() -> Viewer:
    case = make_case()
    return Viewer(actor_of_key(create_api_key(alice())), case.pk)


def subscription_of(viewer: Viewer) -> Subscription:
    (found,) = (one for one in hub().topics.subscriptions() if one.viewer == viewer)
    return found


async def revoke() -> None:
    await ApiKey.objects.aupdate(revoked_at=timezone.now())


async def test_whoever_was_checked_a_moment_before_is_let_go_within_five_seconds() -> None:
    viewer = await in_db_thread(come_with_a_key)
    async with (
        aclosing(follow(Viewer(SYSTEM, viewer.case_id), 0)) as earlier,
        aclosing(follow(viewer, 0)) as mine,
    ):
        await anext(earlier)  # the hub is at work already, and does not begin with us
        await anext(mine)
        subscription_of(viewer).checked_at = asyncio.get_running_loop().time()
        lost = time.monotonic()
        await revoke()
        with pytest.raises(AccessRevoked):
            async with asyncio.timeout(3 * PROMISED):
                async for _ in mine:
                    pass
        assert time.monotonic() - lost < PROMISED


async def test_whoever_loses_the_right_while_catching_up_gets_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "RECHECK", 0.1)
    viewer = await in_db_thread(come_with_a_key)
    await in_db_thread(write, viewer.case_id, 3 * eventlog.PAGE)
    async with aclosing(batches(viewer, 0)) as pages:
        assert len(await anext(pages)) == BATCH < eventlog.PAGE  # and most of what was read is not sent yet
        subscription = subscription_of(viewer)
        await revoke()
        await until(lambda: subscription.ended is AccessRevoked)  # meanwhile the client reads slowly
        with pytest.raises(AccessRevoked):
            await anext(pages)
