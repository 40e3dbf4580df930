"""To nchan: POST to its publisher location, over one kept connection."""

from __future__ import annotations

import json
import socket

from benchmarks.streams.publish import Publish, envelope


def publisher(port: int) -> Publish:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def publish(topic: str, seq: int, message: str) -> None:
        body = json.dumps(envelope(topic, seq, message), ensure_ascii=False).encode()
        head = f"POST /pub/{topic} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        answer = connection.recv(4096)
        if not answer.startswith(b"HTTP/1.1 20"):
            raise RuntimeError(f"nchan answered {answer[:80]!r}")

    return publish


def finish() -> None:
    """Nothing waits."""
