"""The predecessor's stack, written anew from its description: see `predecessor_app.py`."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any, ClassVar

from benchmarks.streams.peers.base import Peer, Plan, Prepared, get, topic_names
from benchmarks.streams.site import Site


class Predecessor(Peer):
    name = "predecessor"
    publisher: ClassVar[str] = "redis_channel"

    def missing(self) -> str:
        return ", ".join(
            name for name in ("fastapi", "sse_starlette", "uvloop", "httptools") if find_spec(name) is None
        )

    def command(self, site: Site, port: int) -> list[str]:
        return uvicorn("benchmarks.streams.peers.predecessor_app:app", port)

    def prepare(self, site: Site, port: int, plan: Plan) -> Prepared:
        topics = topic_names(plan)
        paths = [f"/api/v2/triage/stream/{topics[number % len(topics)]}" for number in range(plan.streams)]
        return Prepared([get(path) for path in paths], topics)

    def publisher_options(self, site: Site, port: int) -> dict[str, Any]:
        return {"url": site.valkey_url}


def uvicorn(application: str, port: int) -> list[str]:
    """As fast as uvicorn goes, like the first of ours."""
    return [
        *(sys.executable, "-m", "uvicorn", application, "--host", "127.0.0.1", "--port", str(port)),
        *("--backlog", "4096", "--loop", "uvloop", "--http", "httptools", "--lifespan", "off"),
        *("--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "1"),
    ]


PREDECESSOR = Predecessor()
