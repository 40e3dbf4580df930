"""One WebSocket per case: out go the events, in come words.

In: `{"type": "follow", "after": n}` (resume behind n), `{"type": "say", "text": …, "key": …, "question_id": …}`.
Out: the envelope of each event, `{"type": "said", …}` for a turn taken, `{"type": "error", code, detail}`.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import structlog
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError

from triage import orchestrator, stream
from triage.access import Actor, watched_case
from triage.credentials import actor_of_scope
from triage.dbthreads import in_entry_thread, in_turn_thread
from triage.errors import CaseNotFound, InvalidInput, NotSignedIn, TooManyStreams, TriageError, Unavailable
from triage.hub import hub
from triage.orchestrator import TurnOutcome
from triage.problems import problem_body
from triage.schemas import PLAIN, turn_body
from triage.stream import LIFETIME, follow
from triage.subscription import AccessRevoked, Frame, SlowClient
from triage.viewers import Viewer, no_longer_allowed

log = structlog.get_logger(__name__)

LONGEST_FRAME = 64 * 1024  # bytes of an inbound frame
NORMAL, NOT_SIGNED_IN, NOT_FOUND, SLOW, TOO_MANY, GOING_AWAY = 1000, 4401, 4404, 4408, 4429, 4499
CLOSE_CODES: dict[type[Exception], int] = {
    NotSignedIn: NOT_SIGNED_IN,
    TooManyStreams: TOO_MANY,
    AccessRevoked: NOT_FOUND,
    CaseNotFound: NOT_FOUND,
    SlowClient: SLOW,
}
"""Whatever else ends a socket (this process is about to end, the database is away) is 4499: resume. One that follows
nothing hears of the end from the server, as 1012."""

sockets: Counter[str] = Counter()
"""Open sockets of this process by actor."""


class CaseConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    channel_layer_alias = None  # events come from the hub, so no subscription per socket
    viewer: Viewer | None = None
    following: asyncio.Task[None] | None = None
    rotation: asyncio.TimerHandle | None = None

    async def connect(self) -> None:
        """Accept, then close with a code: a refusal before that reaches a browser only as 1006."""
        await self.accept()
        case_id = self.scope["url_route"]["kwargs"]["case_id"]
        try:
            actor = await in_entry_thread(_admit, self.scope, case_id)
            hub().check_room(actor)
            if sockets[actor.key] >= settings.STREAMS_PER_ACTOR:
                raise TooManyStreams
        except Exception as error:
            await self._give_up(error)
            return
        sockets[actor.key] += 1
        self.viewer = Viewer(actor, case_id)
        self.rotation = asyncio.get_running_loop().call_later(random.uniform(*LIFETIME), self._rotate)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.viewer is None:
            return  # refused; the close is on its way
        try:
            await self._take(self.viewer, _parse(text_data))
        except TriageError as error:
            await self._refuse(error)
        except DatabaseError:
            await self._refuse(Unavailable("The database is away; nothing was stored."))

    async def _take(self, viewer: Viewer, frame: dict[str, Any]) -> None:
        match frame:
            case {"type": "follow"}:
                after = frame.get("after", 0)
                if not isinstance(after, int) or isinstance(after, bool):
                    raise InvalidInput(fields={"after": "A whole number."})
                self._stop_following()
                self.following = asyncio.create_task(self._follow(viewer, after))
            case {"type": "say", "text": str(text)}:
                question, key = _plain(frame, "question_id"), _plain(frame, "key")
                outcome = await in_turn_thread(_say, viewer, text, question, key)
                await self._send({**turn_body(outcome), "type": "said", "key": key})
            case _:
                raise InvalidInput("A frame is {type: follow, after} or {type: say, text, key}.")

    async def _follow(self, viewer: Viewer, after: int) -> None:
        try:
            async with aclosing(follow(viewer, after, lifetime=random.uniform(*LIFETIME))) as frames:
                code = await self._relay(frames)
        except TimeoutError:
            code = SLOW
        except Exception as error:
            await self._give_up(error)
            return
        await self._leave(code)

    async def _relay(self, frames: AsyncGenerator[Frame, None]) -> int:
        """Send what comes; returns the code to close with. Raises TimeoutError for who accepts nothing."""
        async for frame in frames:
            if frame.json:
                async with asyncio.timeout(stream.SEND_PATIENCE):
                    await self.send(text_data=frame.json)
            if frame.type == "stream_end":
                return NORMAL
        return GOING_AWAY

    def _rotate(self) -> None:
        """A socket that follows nothing lives no longer than one that does, so that its right is looked at again."""
        if self.following is None:
            self.following = asyncio.create_task(self._leave(GOING_AWAY))

    async def _give_up(self, error: Exception) -> None:
        code = CLOSE_CODES.get(type(error), GOING_AWAY)
        if code == GOING_AWAY:
            log.warning("socket_closed", error=type(error).__name__)
        await self._leave(code)

    async def _leave(self, code: int) -> None:
        """The place is free at once; the close waits until a client reads that perhaps never does."""
        self._free_place()
        await self.close(code)

    async def disconnect(self, code: int) -> None:
        self._stop_following()
        self._free_place()
        if self.rotation is not None:
            self.rotation.cancel()

    def _free_place(self) -> None:
        if self.viewer is None:
            return
        sockets.subtract([self.viewer.actor.key])
        if not sockets[self.viewer.actor.key]:
            del sockets[self.viewer.actor.key]
        self.viewer = None

    def _stop_following(self) -> None:
        if self.following is not None:
            self.following.cancel()
            self.following = None

    async def _refuse(self, error: TriageError) -> None:
        await self._send({**problem_body(error), "type": "error"})

    async def _send(self, body: dict[str, Any]) -> None:
        if self.viewer is not None:  # else the socket was closed meanwhile; the turn is found again by its key
            await self.send(text_data=json.dumps(body, ensure_ascii=False))


class NowhereConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Any other address: closed with a code, as an unknown case is."""

    channel_layer_alias = None

    async def connect(self) -> None:
        await self.accept()
        await self.close(NOT_FOUND)


def _admit(scope: dict[str, Any], case_id: str) -> Actor:
    actor = actor_of_scope(scope)
    watched_case(actor, case_id)
    return actor


def _say(viewer: Viewer, text: str, question: str | None, key: str | None) -> TurnOutcome:
    """Who came with a right may have lost it since. Raises CaseNotFound and what `answer` raises."""
    if no_longer_allowed({viewer}):
        raise CaseNotFound
    return orchestrator.answer(actor=viewer.actor, case_id=viewer.case_id, text=text, question=question, key=key)


def _parse(text: str | None) -> dict[str, Any]:
    """Raises InvalidInput."""
    if text is None or len(text.encode()) > LONGEST_FRAME:
        raise InvalidInput("A frame is JSON text of at most 64 KiB.")
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The frame is not JSON.") from error
    if not isinstance(frame, dict):
        raise InvalidInput("The frame is not a JSON object.")
    return frame


def _plain(frame: dict[str, Any], name: str) -> str | None:
    value = frame.get(name)
    if value is not None and (not isinstance(value, str) or not re.fullmatch(PLAIN, value)):
        raise InvalidInput(fields={name: "At most 200 printable ASCII characters without blanks."})
    return value
