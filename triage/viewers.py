"""Whether those who watch still may.

A stream is opened once and lives for minutes; meanwhile a key may be revoked, a session ended, a permission or a
case taken away. Viewers of a process are checked together, in a handful of queries however many they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone

from triage.access import Actor, actor_of, password_mark
from triage.models import ApiKey, Case, GuestAccess

BOARD = ""
"""In the place of a case: what moves anywhere, for who sees all cases."""


@dataclass(frozen=True, slots=True)
class Viewer:
    actor: Actor
    case_id: str


def no_longer_allowed(viewers: Collection[Viewer]) -> set[Viewer]:
    """Those whose credential ended, or who lost their right to the case, since they came."""
    actors = {viewer.actor for viewer in viewers}
    gone = _without_credential(actors) | _demoted({actor for actor in actors if actor.sees_all})
    case_ids = {viewer.case_id for viewer in viewers} - {BOARD}
    owners = dict(Case.objects.filter(pk__in=case_ids).values_list("pk", "owner_id"))
    strangers = _strangers({viewer for viewer in viewers if not viewer.actor.sees_all}, owners)
    erased = {viewer for viewer in viewers if viewer.case_id not in owners and viewer.case_id != BOARD}
    return strangers | erased | {viewer for viewer in viewers if viewer.actor in gone}


def _without_credential(actors: set[Actor]) -> set[Actor]:
    """Actors whose API key was revoked, whose session ended or password changed, or who were deactivated."""
    keys = {actor.api_key_id for actor in actors if actor.api_key_id is not None}
    sessions = {actor.session_key for actor in actors if actor.session_key is not None}
    live_keys: set[int | None] = {None}
    if keys:
        live_keys |= set(ApiKey.objects.filter(pk__in=keys, revoked_at=None).values_list("pk", flat=True))
    live_sessions: set[str | None] = {None}
    if sessions:
        rows = Session.objects.filter(pk__in=sessions, expire_date__gt=timezone.now())
        live_sessions |= set(rows.values_list("pk", flat=True))
    user_ids = {actor.user_id for actor in actors if actor.user_id is not None}
    found = User.objects.filter(pk__in=user_ids, is_active=True).values_list("pk", "password")
    marks = {user_id: password_mark(password) for user_id, password in found}
    return {
        actor
        for actor in actors
        if actor.api_key_id not in live_keys
        or actor.session_key not in live_sessions
        or (actor.user_id is not None and actor.user_id not in marks)
        or (actor.password_mark is not None and actor.password_mark != marks.get(actor.user_id or 0))
    }


def _demoted(staff: set[Actor]) -> set[Actor]:
    """Staff who may not see every case any more. SYSTEM is no user and stays."""
    users = {actor.user_id for actor in staff if actor.user_id is not None}
    permitted = User.objects.with_perm("triage.view_case", backend="django.contrib.auth.backends.ModelBackend")
    trusted = set(permitted.filter(pk__in=users, is_staff=True).values_list("pk", flat=True)) if users else set()
    # Another backend may know better: asked one by one, as they are few.
    doubtful = User.objects.in_bulk(users - trusted)
    demoted = {user for user in users - trusted if not actor_of(doubtful.get(user), None).sees_all}
    return {actor for actor in staff if actor.user_id in demoted}


def _strangers(viewers: set[Viewer], owners: Mapping[str, int | None]) -> set[Viewer]:
    """Viewers who neither own their case nor are among its guests."""
    others = {one for one in viewers if one.actor.user_id is None or owners.get(one.case_id) != one.actor.user_id}
    capabilities = {viewer.actor.guest for viewer in others} - {None}
    if not capabilities:
        return others
    cases = {viewer.case_id for viewer in others}
    rows = GuestAccess.objects.filter(case__in=cases, capability_hash__in=capabilities)
    guests = set(rows.values_list("case_id", "capability_hash"))
    return {viewer for viewer in others if (viewer.case_id, viewer.actor.guest) not in guests}
