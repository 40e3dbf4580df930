"""Errors under `/api/` that Django answers itself (no such address, wrong method, CSRF) are problem details too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware

from triage.errors import MethodNotAllowed, NotAllowed, NotFound, TooBig, TriageError
from triage.problems import problem_response

PREFIX = "/api/"
PROBLEMS: dict[int, type[TriageError]] = {
    kind.status: kind for kind in (NotAllowed, NotFound, MethodNotAllowed, TooBig)
}


@sync_and_async_middleware
def api_problems(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    def translated(request: HttpRequest, response: Any) -> Any:
        kind = PROBLEMS.get(response.status_code)
        if kind is None or not request.path_info.startswith(PREFIX):
            return response
        if response.get("Content-Type", "").startswith("application/"):
            return response
        problem = problem_response(kind())
        if allowed := response.get("Allow"):
            problem["Allow"] = allowed
        return problem

    if iscoroutinefunction(get_response):

        async def serve_async(request: HttpRequest) -> Any:
            return translated(request, await get_response(request))

        return serve_async

    def serve(request: HttpRequest) -> Any:
        return translated(request, get_response(request))

    return serve
