"""Whether those who watch still may.

A stream is opened once and lives for minutes; meanwhile a key may be revoked, a session ended, a permission or a
case taken away. All viewers of a process are checked together, in a handful of queries however many they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone

from triage.access import Actor, actor_of
from triage.models import ApiKey, Case, GuestAccess


@dataclass(frozen=True, slots=True)
class Viewer:
    actor: Actor
    case_id: str


def no_longer_allowed(viewers: Collection[Viewer]) -> set[Viewer]:
    """Those whose credential ended, or who lost their right to the case, since they came."""
    actors = {viewer.actor for viewer in viewers}
    gone = _without_credential(actors) | _demoted({actor for actor in actors if actor.sees_all})
    owners = dict(Case.objects.filter(pk__in={one.case_id for one in viewers}).values_list("pk", "owner_id"))
    strangers = _strangers({viewer for viewer in viewers if not viewer.actor.sees_all}, owners)
    erased = {viewer for viewer in viewers if viewer.case_id not in owners}
    return strangers | erased | {viewer for viewer in viewers if viewer.actor in gone}


def _without_credential(actors: set[Actor]) -> set[Actor]:
    """Actors whose API key was revoked, whose session ended, or who were deactivated."""
    keys = {actor.api_key_id for actor in actors if actor.api_key_id is not None}
    sessions = {actor.session_key for actor in actors if actor.session_key is not None}
    users = {actor.user_id for actor in actors if actor.user_id is not None}
    live_keys = set(ApiKey.objects.filter(pk__in=keys, revoked_at=None).values_list("pk", flat=True))
    now = timezone.now()
    live_sessions = set(Session.objects.filter(pk__in=sessions, expire_date__gt=now).values_list("pk", flat=True))
    live_users = set(User.objects.filter(pk__in=users, is_active=True).values_list("pk", flat=True))
    return {
        actor
        for actor in actors
        if actor.api_key_id not in live_keys | {None}
        or actor.session_key not in live_sessions | {None}
        or actor.user_id not in live_users | {None}
    }


def _demoted(staff: set[Actor]) -> set[Actor]:
    """Staff who may not see every case any more. SYSTEM is no user and stays."""
    users = User.objects.in_bulk([actor.user_id for actor in staff if actor.user_id is not None])
    return {
        actor for actor in staff if actor.user_id is not None and not actor_of(users.get(actor.user_id), None).sees_all
    }


def _strangers(viewers: set[Viewer], owners: Mapping[str, int | None]) -> set[Viewer]:
    """Viewers who neither own their case nor are among its guests."""
    capabilities = {viewer.actor.guest for viewer in viewers} - {None}
    guests = set(
        GuestAccess.objects.filter(case__in=owners, capability_hash__in=capabilities).values_list(
            "case_id", "capability_hash"
        )
    )
    return {
        viewer
        for viewer in viewers
        if (viewer.actor.user_id is None or owners.get(viewer.case_id) != viewer.actor.user_id)
        and (viewer.case_id, viewer.actor.guest) not in guests
    }
