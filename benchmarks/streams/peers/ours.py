"""Ours: `triage_project.asgi` with sign-in, access checks, log and resume, under three servers."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import ClassVar

from benchmarks.streams.peers.base import Peer, Plan, Prepared
from benchmarks.streams.processes import Program
from benchmarks.streams.site import POOL, Site

APPLICATION = "triage_project.asgi:application"
BACKLOG = "4096"


@dataclass(frozen=True)
class Ours(Peer):
    """`words`: the command line behind `python -m`; `{port}` is filled in."""

    name: str
    words: tuple[str, ...]
    needs: tuple[str, ...]
    publisher: ClassVar[str] = "log"
    is_ours: ClassVar[bool] = True
    workloads: ClassVar[str] = "abcd"

    def missing(self) -> str:
        return ", ".join(name for name in self.needs if find_spec(name) is None)

    def command(self, site: Site, port: int) -> list[str]:
        return [sys.executable, "-m", *(word.format(port=port) for word in self.words)]

    def environment(self, site: Site) -> dict[str, str]:
        return {**site.environment, "DATABASE_POOL": str(POOL)}

    def prepare(self, site: Site, port: int, plan: Plan) -> Prepared:
        with Program("benchmarks.streams.seed", site.environment, site.folder / "seed.log") as program:
            program.tell({"streams": plan.streams, "cases": plan.cases, "history": plan.history, "back": plan.back})
            return Prepared(**program.answer())


UVICORN = Ours(
    "uvicorn",
    ("triage_project.serve", "--host", "127.0.0.1", "--port", "{port}"),
    ("uvicorn", "uvloop", "httptools"),
)
UVICORN_PLAIN = Ours(
    "uvicorn-plain",
    (
        *("uvicorn", APPLICATION, "--host", "127.0.0.1", "--port", "{port}"),
        *("--loop", "asyncio", "--http", "h11", "--lifespan", "off", "--no-access-log", "--log-level", "warning"),
        *("--timeout-graceful-shutdown", "1"),
    ),
    ("uvicorn",),
)
GRANIAN = Ours(
    "granian",
    (
        *("granian", APPLICATION, "--interface", "asginl", "--host", "127.0.0.1", "--port", "{port}"),
        *("--workers", "1", "--backlog", BACKLOG, "--backpressure", "20000", "--loop", "uvloop"),
        *("--no-access-log", "--log-level", "warning", "--workers-kill-timeout", "1"),
    ),
    ("granian", "uvloop"),
)
DAPHNE = Ours(
    "daphne",
    ("daphne", APPLICATION, "-b", "127.0.0.1", "-p", "{port}", "-v", "0"),
    ("daphne",),
)
