"""From a request or a WebSocket's scope to an actor: Bearer first, then the session's cookie."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from triage.access import Actor, actor_of, actor_of_key, allow_staff


def actor_of_request(request: HttpRequest) -> Actor:
    """Blocks on the database. Raises NotSignedIn when a key is given and not valid."""
    if (key := bearer(request.headers.get("Authorization", ""))) is not None:
        return actor_of_key(key)
    return actor_of(request.user, request.session)


def staff_of_request(request: HttpRequest) -> Actor:
    """Somebody who sees all cases. Raises NotSignedIn, NotAllowed."""
    actor = actor_of_request(request)
    allow_staff(actor)
    return actor


def actor_of_scope(scope: dict[str, Any]) -> Actor:
    """The same for an ASGI scope whose cookies are parsed."""
    if (key := bearer(authorization_of(scope))) is not None:
        return actor_of_key(key)
    request = HttpRequest()
    identify(request, scope["cookies"].get(settings.SESSION_COOKIE_NAME))
    return actor_of(request.user, request.session)


def authorization_of(scope: dict[str, Any]) -> str:
    return str(dict(scope["headers"]).get(b"authorization", b"").decode("latin-1"))


def identify(request: HttpRequest, session_key: str | None) -> None:
    """What the session and authentication middleware do: session and user, both read when they are asked for."""
    request.session = SessionStore(session_key)
    request.user = SimpleLazyObject(lambda: get_user(request))  # type: ignore[assignment]


def bearer(header: str) -> str | None:
    scheme, _, key = header.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None
