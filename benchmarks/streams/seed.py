"""People, keys, sessions and cases for one run, written in bulk by a program of its own (its database is given).

Nobody holds more than half of the streams that one actor may hold. Every other stream signs in with an API key,
the rest with a session's cookie; whoever watches may see the case: its owner, or staff with `view_case`.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import django
from django.conf import settings
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "triage_project.settings")
django.setup(set_prefix=False)

# All need the applications to be ready.
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.auth.models import Permission, User  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402

from conversations.ids import new_id  # noqa: E402
from conversations.models import Conversation  # noqa: E402
from triage.access import KEY_PREFIX, secret_hash  # noqa: E402
from triage.events import TriageUpdate  # noqa: E402
from triage.models import ApiKey, Case, CaseEvent, FlowVersion  # noqa: E402

STREAMS_PER_PERSON = 4
BATCH = 1000
WEEK = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Person:
    user: User
    headers: tuple[str, str]
    """How to sign in: by key, by session."""


def main() -> None:
    order = json.loads(sys.stdin.readline())
    streams, history, back = order["streams"], order["history"], order["back"]
    are_staff = order["cases"] < streams
    people = make_people(-(-streams // STREAMS_PER_PERSON), are_staff=are_staff)
    owners = [people[number // STREAMS_PER_PERSON % len(people)].user for number in range(order["cases"])]
    cases = make_cases(owners, history)
    requests = []
    for number in range(streams):
        header = people[number // STREAMS_PER_PERSON].headers[number % 2]
        path = f"/api/v2/triage/stream/{cases[number % len(cases)]}?after={history - back}"
        requests.append(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n{header}\r\n\r\n")
    print(json.dumps({"requests": requests, "topics": cases}))


def make_people(count: int, *, are_staff: bool) -> list[Person]:
    name = secrets.token_hex(4)
    users = User.objects.bulk_create(
        [User(username=f"{name}_{number}", password="!", is_staff=are_staff) for number in range(count)], BATCH
    )
    if are_staff:
        permission = Permission.objects.get(content_type__app_label="triage", codename="view_case")
        through = User.user_permissions.through
        through.objects.bulk_create([through(user_id=user.pk, permission_id=permission.pk) for user in users], BATCH)
    keys = [KEY_PREFIX + secrets.token_urlsafe(32) for _ in users]
    ApiKey.objects.bulk_create(
        [
            ApiKey(user=user, name="benchmark", prefix=key[:10], key_hash=secret_hash("key", key))
            for user, key in zip(users, keys, strict=True)
        ],
        BATCH,
    )
    sessions = Session.objects.bulk_create([session_of(user) for user in users], BATCH)
    cookie = settings.SESSION_COOKIE_NAME
    return [
        Person(user, (f"Authorization: Bearer {key}", f"Cookie: {cookie}={session.session_key}"))
        for user, key, session in zip(users, keys, sessions, strict=True)
    ]


def session_of(user: User) -> Session:
    """As signing in leaves it."""
    signed_in = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    ends = timezone.now() + timedelta(seconds=WEEK)
    return Session(session_key=secrets.token_hex(16), session_data=SessionStore().encode(signed_in), expire_date=ends)


def make_cases(owners: list[User], history: int) -> list[str]:
    flow = FlowVersion.objects.get_or_create(
        flow="benchmark", version=1, defaults={"digest": "benchmark", "document": {}}
    )[0]
    conversations = Conversation.objects.bulk_create(
        [Conversation(id=new_id("conv"), language="pt-br", time_zone="America/Sao_Paulo") for _ in owners], BATCH
    )
    cases = Case.objects.bulk_create(
        [
            Case(conversation=conversation, flow=flow, owner=owner, language="pt-br", last_seq=history)
            for conversation, owner in zip(conversations, owners, strict=True)
        ],
        BATCH,
    )
    CaseEvent.objects.bulk_create(past(cases, history), BATCH)
    return [case.pk for case in cases]


def past(cases: list[Case], history: int) -> Iterator[CaseEvent]:
    """Events that happened before: their moment of leaving is 0, as nobody asks for their latency."""
    moment = timezone.now()
    for case in cases:
        for seq in range(1, history + 1):
            event = TriageUpdate("@0 A sua resposta foi lida.", seq % 100, "interview")
            yield CaseEvent(case=case, seq=seq, type=event.type, data=event.data(), at=moment)


if __name__ == "__main__":
    main()
