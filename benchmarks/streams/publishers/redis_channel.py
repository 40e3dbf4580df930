"""To the predecessor's stack: PUBLISH on the case's channel."""

from __future__ import annotations

import json

from redis import Redis

from benchmarks.streams.publish import Publish, envelope


def publisher(url: str) -> Publish:
    client = Redis.from_url(url)

    def publish(topic: str, seq: int, message: str) -> None:
        client.publish(
            f"triage_events:{topic}", json.dumps({"event": "triage_update", "data": envelope(topic, seq, message)})
        )

    return publish


def finish() -> None:
    """Nothing waits."""
