"""What a server must tell to take part."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from benchmarks.streams.processes import Program
from benchmarks.streams.site import Site


@dataclass(frozen=True, slots=True)
class Plan:
    """Streams over cases in turn; every case has `history` events, of which a stream's cursor has not seen `back`."""

    streams: int
    cases: int
    history: int = 10
    back: int = 0


@dataclass(frozen=True, slots=True)
class Prepared:
    requests: list[str]
    """One HTTP request for each stream."""
    topics: list[str]


class Peer(ABC):
    name: str
    publisher: ClassVar[str]
    """A module of `publishers`."""
    is_ours: ClassVar[bool] = False
    workloads: ClassVar[str] = "ab"

    def missing(self) -> str:
        """What must be installed first; empty when nothing is missing."""
        return ""

    @abstractmethod
    def command(self, site: Site, port: int) -> list[str]: ...

    def environment(self, site: Site) -> dict[str, str]:
        return site.environment

    @abstractmethod
    def prepare(self, site: Site, port: int, plan: Plan) -> Prepared:
        """Called while the server runs."""

    def publisher_options(self, site: Site, port: int) -> dict[str, Any]:
        return {}

    def publish(self, site: Site, port: int, order: dict[str, Any]) -> Program:
        """A publisher that is ready: `go()` returns when it is done."""
        program = Program("benchmarks.streams.publish", site.environment, site.folder / "publisher.log")
        program.tell({"kind": self.publisher, "options": self.publisher_options(site, port), **order})
        program.answer()
        return program


def topic_names(plan: Plan) -> list[str]:
    """As long as ours, and new each time: a peer may still hold the events of earlier ones."""
    kind = secrets.token_hex(8)
    return [f"case_{kind}{number:010d}" for number in range(plan.cases)]


def get(path: str) -> str:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
