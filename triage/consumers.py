"""One WebSocket per case: out go the events, in come words.

In: `{"type": "follow", "after": n}` (resume behind n), `{"type": "say", "text": …, "key": …, "question_id": …}`.
Out: the envelope of each event, `{"type": "said", …}` for a turn taken, `{"type": "error", code, detail}`.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from triage import orchestrator
from triage.access import Actor, access_case
from triage.credentials import actor_of_scope
from triage.dbthreads import in_db_thread
from triage.errors import InvalidInput, NotSignedIn, TooManyStreams, TriageError, Unavailable
from triage.problems import problem_body
from triage.schemas import turn_body
from triage.stream import AccessRevoked, SlowClient, follow
from triage.viewers import Viewer

LONGEST_FRAME = 64 * 1024  # bytes of an inbound frame
NOT_SIGNED_IN, NOT_FOUND, SLOW, TOO_MANY = 4401, 4404, 4408, 4429


class CaseConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    channel_layer_alias = None  # events come from the hub, so no subscription per socket
    actor: Actor | None = None
    case_id: str
    following: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Accept, then close with a code: a refusal before that reaches a browser only as 1006."""
        self.case_id = self.scope["url_route"]["kwargs"]["case_id"]
        await self.accept()
        try:
            self.actor = await in_db_thread(_admit, self.scope, self.case_id)
        except TriageError as error:
            await self.close(NOT_SIGNED_IN if isinstance(error, NotSignedIn) else NOT_FOUND)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.actor is None:
            return  # refused; the close is on its way
        try:
            await self._take(self.actor, _parse(text_data))
        except TriageError as error:
            await self._send({**problem_body(error), "type": "error"})
        except DatabaseError:
            await self._send(
                {**problem_body(Unavailable("The database is away; nothing was stored.")), "type": "error"}
            )

    async def _take(self, actor: Actor, frame: dict[str, Any]) -> None:
        match frame:
            case {"type": "follow"}:
                after = frame.get("after", 0)
                if not isinstance(after, int) or isinstance(after, bool):
                    raise InvalidInput(fields={"after": "A whole number."})
                self._stop_following()
                self.following = asyncio.create_task(self._follow(actor, after))
            case {"type": "say", "text": str(text)}:
                outcome = await in_db_thread(
                    orchestrator.answer,
                    actor=actor,
                    case_id=self.case_id,
                    text=text,
                    question=_optional(frame, "question_id"),
                    key=_optional(frame, "key"),
                )
                await self._send({**turn_body(outcome), "type": "said", "key": frame.get("key")})
            case _:
                raise InvalidInput("A frame is {type: follow, after} or {type: say, text, key}.")

    async def _follow(self, actor: Actor, after: int) -> None:
        try:
            async for frame in follow(Viewer(actor, self.case_id), after):
                if frame.json:
                    await self.send(text_data=frame.json)
            await self.close(1000)
        except SlowClient:
            await self.close(SLOW)
        except AccessRevoked:
            await self.close(NOT_FOUND)
        except TooManyStreams:
            await self.close(TOO_MANY)

    async def disconnect(self, code: int) -> None:
        self._stop_following()

    def _stop_following(self) -> None:
        if self.following is not None:
            self.following.cancel()
            self.following = None

    async def _refuse(self, error: TriageError) -> None:
        await self._send({**problem_body(error), "type": "error"})

    async def _send(self, body: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(body, ensure_ascii=False))


def _admit(scope: dict[str, Any], case_id: str) -> Actor:
    actor = actor_of_scope(scope)
    access_case(actor, case_id)
    return actor


def _parse(text: str | None) -> dict[str, Any]:
    """Raises InvalidInput."""
    if text is None or len(text.encode()) > LONGEST_FRAME:
        raise InvalidInput("A frame is JSON text of at most 64 KiB.")
    try:
        frame = json.loads(text)
    except ValueError as error:
        raise InvalidInput("The frame is not JSON.") from error
    if not isinstance(frame, dict):
        raise InvalidInput("The frame is not a JSON object.")
    return frame


def _optional(frame: dict[str, Any], name: str) -> str | None:
    value = frame.get(name)
    if value is not None and (not isinstance(value, str) or len(value) > 200):
        raise InvalidInput(fields={name: "Text of at most 200 characters."})
    return value
