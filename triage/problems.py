"""Errors as problem details (RFC 9457): `type, title, status, code, detail, fields`; never internals."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase

from triage.errors import TriageError, Unavailable

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], Coroutine[Any, Any, HttpResponseBase]]


def problem_body(error: TriageError) -> dict[str, Any]:
    return {
        "type": f"urn:triage:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        "fields": error.fields,
    }


def problem_response(error: TriageError) -> JsonResponse:
    response = JsonResponse(problem_body(error), status=error.status, content_type="application/problem+json")
    response["Cache-Control"] = "no-store"
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def refusals_are_problems(view: View[P]) -> View[P]:
    """For asynchronous views outside the API: what they raise becomes a response."""

    @wraps(view)
    async def careful(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        try:
            return await view(request, *args, **kwargs)
        except TriageError as error:
            return problem_response(error)
        except DatabaseError:
            return problem_response(Unavailable("The database is busy or away."))

    return careful
