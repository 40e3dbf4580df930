"""django-eventstream under uvicorn, its processes joined by Redis, nothing stored: its fastest arrangement."""

from __future__ import annotations

from importlib.util import find_spec
from typing import ClassVar

from benchmarks.streams.peers.base import Peer, Plan, Prepared, get, topic_names
from benchmarks.streams.peers.predecessor import uvicorn
from benchmarks.streams.site import Site


class EventStream(Peer):
    name = "django-eventstream"
    publisher: ClassVar[str] = "eventstream"

    def missing(self) -> str:
        return ", ".join(name for name in ("django_eventstream", "uvloop", "httptools") if find_spec(name) is None)

    def command(self, site: Site, port: int) -> list[str]:
        return uvicorn("benchmarks.streams.peers.eventstream_project:application", port)

    def environment(self, site: Site) -> dict[str, str]:
        return {**site.environment, "DJANGO_SETTINGS_MODULE": "benchmarks.streams.peers.eventstream_project"}

    def prepare(self, site: Site, port: int, plan: Plan) -> Prepared:
        topics = topic_names(plan)
        paths = [f"/events/?channel={topics[number % len(topics)]}" for number in range(plan.streams)]
        return Prepared([get(path) for path in paths], topics)


EVENTSTREAM = EventStream()
