"""The publisher, a program of its own: sends numbered events to topics at a rate, each with the moment it left.

Reads one JSON object from standard input (`Order`), answers when it is ready, begins with the next line and answers
with what it did. `rate` 0: as fast as it can. Behind its rate it does not rest; it stops after `seconds` whatever
is left.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from benchmarks.figures import percentile

WORDS = "A sua resposta foi lida; estamos a juntar o que já se sabe do seu caso."
Publish = Callable[[str, int, str], None]
"""Topic, number in the topic, message."""


@dataclass(frozen=True, slots=True)
class Order:
    kind: str
    topics: list[str]
    first_seq: int
    count: int
    rate: float
    seconds: float
    options: dict[str, Any]


def main() -> None:
    order = Order(**json.loads(sys.stdin.readline()))
    module = import_module(f"benchmarks.streams.publishers.{order.kind}")
    publish: Publish = module.publisher(**order.options)
    print("{}", flush=True)
    sys.stdin.readline()
    report = publish_all(order, publish)
    module.finish()
    print(json.dumps(report), flush=True)


def publish_all(order: Order, publish: Publish) -> dict[str, Any]:
    began, cpu = time.monotonic(), time.process_time()
    took: list[float] = []
    while len(took) < order.count and time.monotonic() < began + order.seconds:
        if order.rate and (early := began + len(took) / order.rate - time.monotonic()) > 0:
            time.sleep(early)
        turn, place = divmod(len(took), len(order.topics))
        left = time.monotonic_ns()
        publish(order.topics[place], order.first_seq + turn, f"@{left} {WORDS}")
        took.append((time.monotonic_ns() - left) / 1e6)
    return {
        "published": len(took),
        "seconds": time.monotonic() - began,
        "cpu_s": time.process_time() - cpu,
        "p50_ms": percentile(took, 50),
        "p99_ms": percentile(took, 99),
    }


def envelope(topic: str, seq: int, message: str) -> dict[str, Any]:
    """For the peers: the same body as our own events have."""
    return {
        "case_id": topic,
        "seq": seq,
        "type": "triage_update",
        "at": "2026-03-03T12:00:00.000Z",
        "message": message,
        "progress": seq % 100,
        "stage": "interview",
    }


if __name__ == "__main__":
    main()
