"""One server under one load: started, warmed, watched, ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.streams import processes
from benchmarks.streams.peers import Peer
from benchmarks.streams.peers.base import Plan, Prepared
from benchmarks.streams.processes import Program, server
from benchmarks.streams.site import Site

WARM = Plan(streams=32, cases=8)
CONNECT_PATIENCE = 150.0
"""Seconds until a server that has not opened all streams is measured with those that it has."""
SETTLE = 3.0
"""Seconds without any delivery after which the rest counts as missing."""
CALM = 1.5
"""Seconds between the last connect and the reading of memory."""


@dataclass(frozen=True, slots=True)
class Stage:
    site: Site
    scale: float
    seconds: float
    window: int
    """Connects that are under way at once."""
    profile: str
    say: Callable[[str], None]

    def scaled(self, count: int) -> int:
        return max(1, round(count * self.scale))


@dataclass(slots=True)
class Running:
    """A warm server."""

    stage: Stage
    peer: Peer
    pid: int
    port: int

    def prepare(self, plan: Plan) -> Prepared:
        return self.peer.prepare(self.stage.site, self.port, plan)

    def publisher(self, topics: list[str], *, first_seq: int, count: int, rate: float) -> Program:
        seconds = 3 * count / rate
        order = {"topics": topics, "first_seq": first_seq, "count": count, "rate": rate, "seconds": seconds}
        return self.peer.publish(self.stage.site, self.port, order)

    def load(self) -> Program:
        return Program("benchmarks.streams.load", self.stage.site.environment, self.stage.site.folder / "load.log")

    def connect(self, load: Program, requests: list[str], window: int) -> dict[str, Any]:
        """Opens all; adds what it cost the server to its answer."""
        before = processes.cpu_seconds(self.pid)
        load.tell({"port": self.port, "requests": requests, "window": window, "patience": CONNECT_PATIENCE})
        answer = load.answer()
        answer["cpu_s"] = processes.cpu_seconds(self.pid) - before
        answer["refused"] = sum(answer["refused"].values())
        return answer

    def finish(self, load: Program, expected: int, settle: float = SETTLE) -> dict[str, Any]:
        load.tell({"do": "finish", "expected": expected, "settle": settle, "patience": CONNECT_PATIENCE})
        return load.answer()


@contextmanager
def running(stage: Stage, peer: Peer) -> Iterator[Running]:
    port = processes.free_port()
    log = stage.site.folder / f"{peer.name}.log"
    with server(peer.command(stage.site, port), peer.environment(stage.site), port, log) as pid:
        host = Running(stage, peer, pid, port)
        try:
            warm_up(host)
            yield host
        except Exception as error:
            raise RuntimeError(f"({peer.name}) {error!r}; it said:\n{log.read_text()[-2000:]}") from error


def warm_up(host: Running) -> None:
    """What is imported, compiled and connected once is there before anything is measured."""
    prepared = host.prepare(WARM)
    with (
        host.load() as load,
        host.publisher(prepared.topics, first_seq=WARM.history + 1, count=40, rate=100) as publisher,
    ):
        opened = host.connect(load, prepared.requests, WARM.streams)
        if opened["open"] != WARM.streams:
            raise RuntimeError(f"{host.peer.name} does not serve its streams: {opened}")
        report = publisher.go()
        host.finish(load, expected_deliveries(prepared, report["published"]))
    time.sleep(CALM)


def expected_deliveries(prepared: Prepared, published: int) -> int:
    """Events go over the topics in turn, and so do streams."""
    turns, rest = divmod(published, len(prepared.topics))
    places = (number % len(prepared.topics) for number in range(len(prepared.requests)))
    return sum(turns + (place < rest) for place in places)
