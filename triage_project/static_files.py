"""Whitenoise for an asynchronous stack.

Its middleware is synchronous only, and one such link makes Django run every request in a thread. Here only
requests for static files take that way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware
from whitenoise.middleware import WhiteNoiseMiddleware


@sync_and_async_middleware
def static_files(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    files = WhiteNoiseMiddleware(lambda _request: HttpResponse(status=404))
    prefix = "/" + settings.STATIC_URL.strip("/") + "/"

    if iscoroutinefunction(get_response):

        async def serve_async(request: HttpRequest) -> Any:
            if request.path_info.startswith(prefix):
                return await sync_to_async(files)(request)
            return await get_response(request)

        return serve_async

    def serve(request: HttpRequest) -> Any:
        return files(request) if request.path_info.startswith(prefix) else get_response(request)

    return serve
