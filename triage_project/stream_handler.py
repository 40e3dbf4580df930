"""Django's ASGI handler for responses that live for minutes.

Django keeps an OS thread and a context of its own for each open response, and each synchronous
middleware costs a hop to that thread and back. Here there is neither: a stream's view is asynchronous, reaches
the database through `triage.dbthreads`, and needs of all middleware only to know who asks.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject


class StreamHandler(ASGIHandler):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.handle(scope, receive, send)

    def load_middleware(self, is_async: bool = False) -> None:
        """The view, behind the host check, session and user, all of them lazy or without I/O."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        view: Any = convert_exception_to_response(self._get_response_async)  # type: ignore[attr-defined]
        sessions = import_module(settings.SESSION_ENGINE)

        async def identified(request: HttpRequest) -> HttpResponseBase:
            request.get_host()  # raises for a host that is not ours
            request.session = sessions.SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
            request.user = SimpleLazyObject(lambda: get_user(request))  # type: ignore[assignment]
            response: HttpResponseBase = await view(request)
            return response

        self._middleware_chain = convert_exception_to_response(identified)
