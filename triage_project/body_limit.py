"""No request body is longer than the longest that anybody may send.

Django keeps a body on disk before it asks who sends it, whatever the address, so this comes before Django.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings

from triage.errors import TooBig
from triage.problems import problem_body

FORM = 1 << 20  # bytes of a form around its file


async def within_limit(application: Any, scope: Any, receive: Any, send: Any) -> None:
    """Serve the request, or answer 413; a body that does not tell its length is cut off."""
    most = settings.BATCH_MOST_BYTES + FORM
    length = dict(scope["headers"]).get(b"content-length", b"0")
    if length.isdigit() and int(length) > most:
        await _refuse(send)
        return
    taken = 0

    async def count() -> Any:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return message if taken <= most else {"type": "http.disconnect"}

    await application(scope, receive if length != b"0" else count, send)


async def _refuse(send: Any) -> None:
    error = TooBig()
    body = json.dumps(problem_body(error)).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
