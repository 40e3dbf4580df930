"""Whoever loses the right to a case while watching it is let go within seconds; others go on watching."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client

from triage import hub as hub_module
from triage import orchestrator
from triage.access import SYSTEM, Actor, actor_of, actor_of_key, become_guest, create_api_key
from triage.models import ApiKey, Case, GuestAccess
from triage.stream import follow
from triage.subscription import AccessRevoked
from triage.tests.cast import acting, alice, bob, charlie, make_case
from triage.viewers import Viewer, no_longer_allowed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream]


def with_key() -> tuple[Actor, Case]:
    case = make_case()
    return actor_of_key(create_api_key(alice())), case


def with_session() -> tuple[Actor, Case]:
    case, client = make_case(), Client()
    client.force_login(alice())
    return actor_of(alice(), SessionStore(client.cookies["sessionid"].value)), case


def as_staff() -> tuple[Actor, Case]:
    return acting(bob()), make_case()


def as_owner() -> tuple[Actor, Case]:
    return acting(alice()), make_case()


def as_guest() -> tuple[Actor, Case]:
    case, actor = make_case(), become_guest({})
    assert actor.guest is not None
    GuestAccess.objects.create(case=case, capability_hash=actor.guest)
    return actor, case


def change_password(_: Case) -> None:
    user = alice()
    user.set_password("another one")
    user.save()


REVOCATIONS: dict[str, tuple[Callable[[], tuple[Actor, Case]], Callable[[Case], object]]] = {
    "the key is revoked": (with_key, lambda _: ApiKey.objects.update(revoked_at="2026-01-01T00:00:00Z")),
    "the session ends": (with_session, lambda _: Session.objects.all().delete()),
    "the password is changed": (with_session, change_password),
    "the user is deactivated": (as_owner, lambda _: User.objects.filter(username="alice").update(is_active=False)),
    "the permission is taken away": (as_staff, lambda _: bob().user_permissions.clear()),
    "the case gets another owner": (as_owner, lambda case: Case.objects.filter(pk=case.pk).update(owner=charlie())),
    "the guest is turned away": (as_guest, lambda _: GuestAccess.objects.all().delete()),
    "the case is erased": (as_owner, lambda case: Case.objects.filter(pk=case.pk).delete()),
}


@pytest.mark.parametrize("what", REVOCATIONS)
def test_the_right_is_found_to_be_lost(what: str) -> None:
    come, revoke = REVOCATIONS[what]
    actor, case = come()
    viewer = Viewer(actor, case.pk)
    assert no_longer_allowed({viewer}) == set()
    revoke(case)
    assert no_longer_allowed({viewer}) == {viewer}


def test_a_changed_password_leaves_programs_with_a_key_alone() -> None:
    actor, case = with_key()
    change_password(case)
    assert no_longer_allowed({Viewer(actor, case.pk)}) == set()


async def test_a_changed_password_closes_the_streams_of_its_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "RECHECK", 0.05)
    actor, case = await sync_to_async(with_session)()
    async with aclosing(follow(Viewer(actor, case.pk), 0)) as mine:
        await anext(mine)
        await sync_to_async(change_password)(case)
        with pytest.raises(AccessRevoked):
            async with asyncio.timeout(10):
                async for _ in mine:
                    pass


async def test_the_stream_is_closed_and_that_of_others_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "RECHECK", 0.05)
    actor, case = await sync_to_async(with_key)()
    staff = await sync_to_async(acting)(await sync_to_async(bob)())
    async with (
        aclosing(follow(Viewer(actor, case.pk), 0)) as mine,
        aclosing(follow(Viewer(staff, case.pk), 0)) as other,
    ):
        await anext(mine)
        await anext(other)
        await ApiKey.objects.aupdate(revoked_at="2026-01-01T00:00:00Z")
        with pytest.raises(AccessRevoked):
            async with asyncio.timeout(10):
                async for _ in mine:
                    pass
        made = await sync_to_async(orchestrator.answer)(actor=SYSTEM, case_id=case.pk, text="yesterday")
        async with asyncio.timeout(10):
            async for frame in other:
                if frame.seq == made.last_seq:
                    break


def test_a_thousand_viewers_are_checked_in_a_handful_of_queries(
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    case = make_case()
    viewers = {Viewer(Actor(guest=f"{number:064d}", session_key=f"s{number}"), case.pk) for number in range(1000)}
    with django_assert_max_num_queries(6):  # type: ignore[attr-defined]
        assert len(no_longer_allowed(viewers)) == 1000
