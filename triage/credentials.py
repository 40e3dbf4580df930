"""From a request or a WebSocket's scope to an actor: Bearer first, then the session's cookie."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from triage.access import Actor, actor_of, actor_of_key


def actor_of_request(request: HttpRequest) -> Actor:
    """Blocks on the database. Raises NotSignedIn when a key is given and not valid."""
    if (key := bearer(request.headers.get("Authorization", ""))) is not None:
        return actor_of_key(key)
    return actor_of(request.user, request.session)


def actor_of_scope(scope: dict[str, Any]) -> Actor:
    """The same for an ASGI scope behind Channels' session and authentication middleware."""
    headers = dict(scope["headers"])
    if (key := bearer(headers.get(b"authorization", b"").decode("latin-1"))) is not None:
        return actor_of_key(key)
    return actor_of(scope.get("user"), scope.get("session"))


def bearer(header: str) -> str | None:
    scheme, _, key = header.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None
