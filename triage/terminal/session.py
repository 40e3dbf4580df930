"""A case carried on from a terminal: follow it until somebody must answer, answer, follow on.

Nothing here looks at rows to learn what happened: the stream tells. While a person thinks nothing is followed;
the cursor brings what was missed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any

from triage import orchestrator
from triage.access import Actor
from triage.dbthreads import in_turn_thread
from triage.errors import CaseNotFound, CaseNotOpen, StaleQuestion
from triage.models import Case
from triage.projection import FOLD, CaseView
from triage.stream import follow, standing
from triage.subscription import AccessRevoked, Frame, SlowClient
from triage.terminal.answers import Answers
from triage.viewers import Viewer

ANSWERABLE = frozenset({Case.State.INTERVIEWING, Case.State.EXPIRED})
WAITS_FOR_US = frozenset({Case.State.INTERVIEWING, Case.State.FAILED})
"""States in which the stream goes on, but nothing will come by itself."""

Body = dict[str, Any]
Show = Callable[[Body], None]
"""Draws an envelope."""


async def frames(actor: Actor, case_id: str, after: int) -> AsyncGenerator[Frame, None]:
    """`follow` that resumes by itself when the terminal (a pager, a pipe) takes its time."""
    cursor = after
    while True:
        try:
            stream = follow(Viewer(actor, case_id), cursor)
            async with aclosing(stream):
                async for frame in stream:
                    cursor = 0 if frame.type == "stream_reset" else frame.seq or cursor
                    yield frame
            return
        except SlowClient:
            continue
        except AccessRevoked as error:
            raise CaseNotFound("The case was erased.") from error


async def watch(actor: Actor, case_id: str, after: int, show: Show) -> None:
    """Show every frame after `after` but heartbeats, until the case is over."""
    async with aclosing(frames(actor, case_id, after)) as stream:
        async for frame in stream:
            if frame.json and frame.type != "stream_end":
                show(json.loads(frame.json))


class Session:
    """`until`: the seq up to which the log is known to reach; before it nobody is asked anything."""

    def __init__(self, actor: Actor, case_id: str, until: int, shows: Sequence[Show], answers: Answers) -> None:
        self.case_id = case_id
        self.view = CaseView()
        self._actor, self._until = actor, until
        self._shows, self._answers = shows, answers

    def run(self) -> CaseView:
        """Until the case is completed, cancelled or failed. Raises TriageError."""
        with asyncio.Runner() as runner:
            while True:
                runner.run(self._catch_up())
                if self.view.status not in ANSWERABLE:
                    return self.view
                self._until = self._respond()

    async def _catch_up(self) -> None:
        if self._is_our_turn():
            return
        async with aclosing(frames(self._actor, self.case_id, self.view.last_seq)) as stream:
            async for frame in stream:
                if frame.type == "heartbeat":
                    # Silence: perhaps a worker died and no schedule runs, as this command may have brought its parts.
                    await in_turn_thread(orchestrator.rescue)
                elif frame.seq is not None:
                    self._take(frame, frame.seq)
                    if self._is_our_turn():
                        return

    def _take(self, frame: Frame, seq: int) -> None:
        body = json.loads(frame.json)
        if fold := FOLD.get(frame.type):
            fold(self.view, body)
        self.view.last_seq = seq
        for show in self._shows:
            show(body)

    def _is_our_turn(self) -> bool:
        return self.view.last_seq >= self._until and self.view.status in WAITS_FOR_US

    def _respond(self) -> int:
        """Say what comes next; returns the seq that the log then reaches."""
        question = self.view.question
        text = self._answers.next(question)
        try:
            if text is None:
                return orchestrator.force_complete(actor=self._actor, case_id=self.case_id).last_seq
            asked = question["id"] if question else None
            said = orchestrator.answer(actor=self._actor, case_id=self.case_id, text=text, question=asked)
            return said.last_seq
        except (StaleQuestion, CaseNotOpen):
            reached = standing(self.case_id).last_seq
            if reached == self.view.last_seq:
                raise
            return reached  # somebody else was faster; their words come first
