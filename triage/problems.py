"""Errors as problem details (RFC 9457): `type, title, status, code, detail, fields`; never internals."""

from __future__ import annotations

from typing import Any

from django.http import JsonResponse

from triage.errors import TriageError


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
