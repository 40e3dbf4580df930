"""The composition root: HTTP, streams and WebSockets of one process.

Streams live for minutes, so their addresses go through a handler that keeps no thread for them.
"""

from __future__ import annotations

import os
import re
from typing import Any

import django
from django.core.handlers.asgi import ASGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "triage_project.settings")
django.setup(set_prefix=False)

# Both need the applications to be ready.
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from channels.sessions import CookieMiddleware  # noqa: E402

from triage.credentials import authorization_of, bearer  # noqa: E402
from triage.routing import websocket_urlpatterns  # noqa: E402
from triage_project.body_limit import within_limit  # noqa: E402
from triage_project.draining import drain_on_sigterm  # noqa: E402
from triage_project.stream_handler import StreamHandler  # noqa: E402

STREAMS = re.compile(r"^/(api/(api/)?v2/triage/stream/|board/stream$)")


class HttpApplication:
    def __init__(self) -> None:
        self.pages, self.streams = ASGIHandler(), StreamHandler()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        drain_on_sigterm()
        if STREAMS.match(scope["path"]):
            await self.streams(scope, receive, send)
        else:
            await within_limit(self.pages, scope, receive, send)


class WebSocketApplication:
    """A browser's page must be one of ours. A program has no page and no Origin, but a key."""

    def __init__(self) -> None:
        self.anywhere = CookieMiddleware(URLRouter(websocket_urlpatterns))
        self.from_our_pages = AllowedHostsOriginValidator(self.anywhere)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        drain_on_sigterm()
        has_origin = any(name == b"origin" for name, _ in scope["headers"])
        is_program = not has_origin and bearer(authorization_of(scope)) is not None
        await (self.anywhere if is_program else self.from_our_pages)(scope, receive, send)


application = ProtocolTypeRouter(
    {
        "http": HttpApplication(),
        "websocket": WebSocketApplication(),
    }
)
