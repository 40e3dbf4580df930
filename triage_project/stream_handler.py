"""Django's ASGI handler for responses that live for minutes.

Django keeps an OS thread and a context of its own for each open response, each synchronous middleware costs a hop
to that thread and back, and a response is wrapped, timed and signalled for a life of milliseconds. Here is none of it:
a stream's view is asynchronous, reaches the database through `triage.dbthreads`, and needs of all middleware
only to know who asks. While a stream lives, its request and response are gone.
"""

from __future__ import annotations

import asyncio
import io
from contextlib import aclosing
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.security import SecurityMiddleware

from triage.credentials import identify
from triage.stream_view import EventStream
from triage_project.connection import Connection, Patience


class StreamHandler(ASGIHandler):
    def __init__(self) -> None:
        super().__init__()
        self._patience = Patience()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        response = await self._begin(scope, send)
        if response is None:
            return
        task: Any = asyncio.current_task()
        connection = Connection(send, self._patience)
        gone = asyncio.create_task(_until_disconnect(receive))
        gone.add_done_callback(task.cancel)
        response.outlet.take = connection.take
        chunks = response.chunks
        del response
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    await connection.send(chunk)
            await connection.finish()
        except asyncio.CancelledError:
            if not gone.done() and not connection.is_lost:
                raise
        except OSError:
            return  # the client went; not every server keeps that to itself
        finally:
            gone.remove_done_callback(task.cancel)
            gone.cancel()

    async def _begin(self, scope: Any, send: Any) -> EventStream | None:
        """The response, whose head is sent; None when a refusal was sent whole."""
        request, refusal = self.create_request(scope, io.BytesIO())
        response: Any = refusal if request is None else await self.get_response_async(request)
        if not isinstance(response, EventStream):
            await self.send_response(response, send)
            return None
        headers = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in response.items()]
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        return response

    def load_middleware(self, is_async: bool = False) -> None:
        """The view, behind the host check, HTTPS, session and user, all of them lazy or without I/O."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        view: Any = convert_exception_to_response(self._get_response_async)  # type: ignore[attr-defined]
        security = SecurityMiddleware(view)

        async def identified(request: HttpRequest) -> HttpResponseBase:
            request.get_host()  # raises for a host that is not ours
            if (elsewhere := security.process_request(request)) is not None:
                return elsewhere
            identify(request, request.COOKIES.get(settings.SESSION_COOKIE_NAME))
            return security.process_response(request, await view(request))

        self._middleware_chain = convert_exception_to_response(identified)


async def _until_disconnect(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
