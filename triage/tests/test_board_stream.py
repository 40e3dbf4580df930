"""`/board/stream`: staff who see all cases are told that something moved: by a word, at most once a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import cast

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Permission, User
from django.test import AsyncClient

from triage import hub as hub_module
from triage.access import Actor, actor_of, create_api_key
from triage.stream import board
from triage.stream_view import EventStream
from triage.subscription import AccessRevoked, Frame
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.viewers import BOARD, Viewer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream]

URL = "/board/stream"
NEVER = (600.0, 601.0)


def staff(name: str = "dora") -> User:
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.add(Permission.objects.get(content_type__app_label="triage", codename="view_case"))
    return user


def staff_actor() -> Actor:
    return actor_of(staff(), None)


async def changes(frames: AsyncIterator[list[Frame]], count: int) -> int:
    """How many heartbeats and other frames came before `count` times `changed`."""
    others = 0
    async with asyncio.timeout(20):
        async for batch in frames:
            count -= sum(frame.type == "changed" for frame in batch)
            others += sum(frame.type != "changed" for frame in batch)
            if count <= 0:
                return others
    raise AssertionError("the stream ended")


async def told_of_writing(frames: AsyncIterator[list[Frame]], case_id: str) -> None:
    """Writes until a hint comes through: the hub may just be about to listen."""
    telling = asyncio.create_task(changes(frames, 1))
    while not telling.done():
        await sync_to_async(write)(case_id)
        await asyncio.wait([telling], timeout=0.2)
    await telling


async def test_who_opens_it_is_told_at_once_and_then_whenever_a_case_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "POLL", NEVER)
    case = await sync_to_async(make_case)()
    async with aclosing(board(Viewer(await sync_to_async(staff_actor)(), BOARD))) as frames:
        await changes(frames, 1)
        await told_of_writing(frames, case.pk)


async def test_a_lost_hint_is_made_up_for_by_the_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "POLL", (0.1, 0.2))
    case = await sync_to_async(make_case)()
    async with aclosing(board(Viewer(await sync_to_async(staff_actor)(), BOARD))) as frames:
        await changes(frames, 1)
        await sync_to_async(write)(case.pk, hinted=False)
        await changes(frames, 1)


async def test_many_events_are_one_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "POLL", NEVER)
    monkeypatch.setattr(hub_module, "TICK", 0.5)
    case = await sync_to_async(make_case)()
    told = 0
    async with aclosing(board(Viewer(await sync_to_async(staff_actor)(), BOARD))) as frames:
        await changes(frames, 1)
        await told_of_writing(frames, case.pk)
        for _ in range(30):
            await sync_to_async(write)(case.pk)
        try:
            async with asyncio.timeout(2.5):
                while True:
                    await changes(frames, 1)
                    told += 1
        except TimeoutError:
            pass
    assert 1 <= told <= 5


async def test_the_frame_carries_nothing_but_its_name() -> None:
    key = await sync_to_async(lambda: create_api_key(staff()))()
    response = await AsyncClient().get(URL, headers={"authorization": f"Bearer {key}"})
    assert response["Content-Type"].startswith("text/event-stream")
    content = aiter(cast(EventStream, response))
    assert (await anext(content)).startswith(b"retry: ")
    assert await anext(content) == b'event: changed\ndata: {"type":"changed"}\n\n'
    await content.aclose()


@pytest.mark.parametrize(("who", "status", "code"), [(None, 401, "not_signed_in"), ("client", 403, "not_allowed")])
async def test_others_are_refused_with_a_reason(who: str | None, status: int, code: str) -> None:
    headers = {}
    if who is not None:
        user = await sync_to_async(User.objects.create_user)(who)
        headers = {"authorization": f"Bearer {await sync_to_async(create_api_key)(user)}"}
    response = await AsyncClient().get(URL, headers=headers)
    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_who_is_staff_no_longer_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "RECHECK", 0.1)
    actor = await sync_to_async(staff_actor)()
    async with aclosing(board(Viewer(actor, BOARD))) as frames:
        await changes(frames, 1)
        await User.objects.aupdate(is_staff=False)
        with pytest.raises(AccessRevoked):
            await changes(frames, 100)
