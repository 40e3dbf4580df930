"""Django's ASGI handler for responses that live for minutes.

Django keeps an OS thread and a context of its own for each open response, and each synchronous
middleware costs a hop to that thread and back. Here there is neither: a stream's view is asynchronous, reaches
the database through `triage.dbthreads`, and needs of all middleware only to know who asks.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from triage.credentials import identify
from triage.stream import SEND_PATIENCE


class StreamHandler(ASGIHandler):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def send_in_time(message: Any) -> None:
            """A client that accepts nothing for so long is let go; it may resume from its cursor."""
            async with asyncio.timeout(SEND_PATIENCE):
                await send(message)

        with contextlib.suppress(TimeoutError):
            await self.handle(scope, receive, send_in_time)

    def load_middleware(self, is_async: bool = False) -> None:
        """The view, behind the host check, session and user, all of them lazy or without I/O."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        view: Any = convert_exception_to_response(self._get_response_async)  # type: ignore[attr-defined]

        async def identified(request: HttpRequest) -> HttpResponseBase:
            request.get_host()  # raises for a host that is not ours
            identify(request, request.COOKIES.get(settings.SESSION_COOKIE_NAME))
            response: HttpResponseBase = await view(request)
            return response

        self._middleware_chain = convert_exception_to_response(identified)
