"""The only module that sends hints: "case X reached seq N" to the channel layer, "lane L has work" to Celery.

A hint may be lost without harm: the poll of `hub.py` and the sweeper find whatever it announced. So
a verb only hands hints over after its commit; one outbound thread per process sends them, on an event loop and
a broker connection of its own that outlive the request. Each try takes a second at most and
is not repeated; failures are counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import structlog
from celery import current_app
from channels.layers import get_channel_layer
from django.db import transaction
from kombu import Connection

log = structlog.get_logger(__name__)

GROUP = "triage.hints"
TIMEOUT = 1.0  # seconds
BACKLOG = 4096  # hints that wait while Redis is slow; more are dropped
CASE_MOVED, MESSAGE_DELTA, WORK_DUE = "case.moved", "message.delta", "work.due"
Hint = dict[str, Any]


@dataclass(slots=True)
class Counters:
    sent: int = 0
    failed: int = 0
    dropped: int = 0

    @property
    def lost(self) -> int:
        return self.failed + self.dropped


class _Broker:
    """A connection with short timeouts, used by one thread: the application's own may wait half a minute."""

    def __init__(self) -> None:
        self.connection: Connection | None = None

    def send(self, lane: str) -> None:
        if self.connection is None:
            limits = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
            options = {**current_app.conf.broker_transport_options, **limits}
            self.connection = current_app.connection_for_write(transport_options=options)
        try:
            current_app.send_task("triage.work", args=[lane], queue=lane, connection=self.connection, retry=False)
        except Exception:
            with contextlib.suppress(Exception):
                self.connection.release()
            self.connection = None
            raise


@dataclass(slots=True)
class _Outbound:
    """Started on first use in each process, so after any fork."""

    pid: int = field(default_factory=os.getpid)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    queue: asyncio.Queue[Hint] = field(default_factory=lambda: asyncio.Queue(BACKLOG))
    reached: dict[str, int] = field(default_factory=dict)
    broker: _Broker = field(default_factory=_Broker)
    broker_thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "triage-broker"))
    counters: Counters = field(default_factory=Counters)

    def start(self) -> None:
        threading.Thread(target=self._run, name="triage-outbound", daemon=True).start()

    def put(self, hint: Hint) -> None:
        self.loop.call_soon_threadsafe(self._enqueue, hint)

    def _enqueue(self, hint: Hint) -> None:
        """A case that waits already to be told of is told of once, with the later seq."""
        case_id = hint["case_id"] if hint["type"] == CASE_MOVED else None
        if case_id in self.reached:
            self.reached[case_id] = max(self.reached[case_id], hint["seq"])
            return
        try:
            self.queue.put_nowait(hint)
        except asyncio.QueueFull:
            self.counters.dropped += 1
            return
        if case_id is not None:
            self.reached[case_id] = hint["seq"]

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._send_all())

    async def _send_all(self) -> None:
        while True:
            hint = await self.queue.get()
            try:
                async with asyncio.timeout(TIMEOUT):
                    await self._send(hint)
                self.counters.sent += 1
            except Exception as error:
                self.counters.failed += 1
                told = {name: hint[name] for name in ("type", "case_id", "lane") if name in hint}
                log.warning("hint_lost", hint=told, error=repr(error))
            finally:
                self.queue.task_done()

    async def _send(self, hint: Hint) -> None:
        if hint["type"] == WORK_DUE:
            await self.loop.run_in_executor(self.broker_thread, self.broker.send, hint["lane"])
            return
        if hint["type"] == CASE_MOVED:
            hint["seq"] = self.reached.pop(hint["case_id"])
        layer: Any = get_channel_layer()
        await layer.group_send(GROUP, hint)


_outbound: _Outbound | None = None
_lock = threading.Lock()


def _thread() -> _Outbound:
    global _outbound  # noqa: PLW0603 - one outbound thread per process
    if _outbound is None or _outbound.pid != os.getpid():
        with _lock:
            if _outbound is None or _outbound.pid != os.getpid():
                _outbound = _Outbound()
                _outbound.start()
    return _outbound


def case_moved(case_id: str, seq: int) -> None:
    """Once the transaction commits, tell every process that the case's log reached `seq`."""
    _once_committed({"type": CASE_MOVED, "case_id": case_id, "seq": seq})


def work_due(lane: str) -> None:
    """Once the transaction commits, wake a worker of `lane`."""
    _once_committed({"type": WORK_DUE, "lane": lane})


def message_delta(case_id: str, text: str) -> None:
    """More words of a reply that is being written: the one hint that carries what it announces.

    It is in no log. Who misses it reads the whole message when it is said (`message_added`).
    """
    _thread().put({"type": MESSAGE_DELTA, "case_id": case_id, "text": text})


def _once_committed(hint: Hint) -> None:
    transaction.on_commit(lambda: _thread().put(hint), robust=True)


def drain(seconds: float) -> bool:
    """Wait until the hints handed over so far are sent or lost; False when that takes too long.

    For commands that end at once: the outbound thread ends with them.
    """
    outbound = _thread()
    try:
        asyncio.run_coroutine_threadsafe(outbound.queue.join(), outbound.loop).result(seconds)
    except TimeoutError:
        return False
    return True


def counters() -> Counters:
    return _thread().counters
