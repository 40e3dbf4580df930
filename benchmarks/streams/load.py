"""The load generator, a program of its own: opens streams, counts and times what they bring.

One JSON object a line on standard input and output. First `{port, window, patience, requests}`: it connects, at most
`window` at once, and answers when all are open. `begin` forgets what came so far; `finish` with the number of
`expected` events answers when they have come, or nothing came for `settle` seconds.

Sockets are read first and what they brought is taken apart afterwards, so that one stream's
parsing is not counted as the next one's latency.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import time
from collections import Counter
from typing import Any

from benchmarks.streams.watcher import Watcher

STDIN = 0
READ = 1 << 16


class Load:
    def __init__(self, port: int, requests: list[str]) -> None:
        self.port = port
        self.waiting = [request.encode() for request in reversed(requests)]
        self.watchers: list[Watcher] = []
        self.by_descriptor: dict[int, Watcher] = {}
        self.epoll = select.epoll()
        self.unanswered: set[Watcher] = set()
        self.closed = 0
        self.begin()

    def begin(self) -> None:
        self.latencies: list[float] = []
        self.began = self.moved = time.monotonic()
        self.cpu_began = self.cpu_moved = time.process_time()
        self.deliveries_began = sum(len(watcher.seen) for watcher in self.watchers)

    def connect(self, window: int, patience: float) -> dict[str, Any]:
        """All streams open, each answered by its head; those that were refused are counted by status."""
        began = time.monotonic()
        while (self.waiting or self.unanswered) and time.monotonic() < began + patience:
            while self.waiting and len(self.unanswered) < window:
                self._open(self.waiting.pop())
            self._turn(0.1)
        statuses = Counter(watcher.status for watcher in self.watchers)
        return {
            "open": statuses.pop(200, 0) - self.closed,
            "refused": {str(status): count for status, count in statuses.items()},
            "seconds": time.monotonic() - began,
        }

    def _open(self, request: bytes) -> None:
        connection = socket.socket()
        connection.setblocking(False)
        watcher = Watcher(connection, request, opened=time.monotonic_ns())
        connection.connect_ex(("127.0.0.1", self.port))
        self.watchers.append(watcher)
        self.unanswered.add(watcher)
        self.by_descriptor[connection.fileno()] = watcher
        self.epoll.register(connection, select.EPOLLOUT)

    def finish(self, expected: int, settle: float, patience: float) -> dict[str, Any]:
        ends = time.monotonic() + patience
        self.moved = max(self.moved, time.monotonic())
        while self._received() < expected and time.monotonic() < min(ends, self.moved + settle):
            self._turn(0.1)
        return {
            "deliveries": self._received(),
            "duplicates": sum(watcher.duplicates for watcher in self.watchers),
            "disordered": sum(watcher.disordered for watcher in self.watchers),
            "closed": self.closed,
            "cpu_share": (self.cpu_moved - self.cpu_began) / max(self.moved - self.began, 1e-9),
            "latencies": self.latencies,
            "streams": [[w.opened, w.answered, w.last_received, len(w.seen)] for w in self.watchers],
        }

    def _received(self) -> int:
        return sum(len(watcher.seen) for watcher in self.watchers) - self.deliveries_began

    def wait_for_command(self) -> dict[str, Any] | None:
        """Keeps reading the streams until a line comes; None at the end of input."""
        self.epoll.register(STDIN, select.EPOLLIN)
        while not self._turn(1.0):
            pass
        self.epoll.unregister(STDIN)
        line = sys.stdin.readline()
        return json.loads(line) if line.strip() else None

    def _turn(self, timeout: float) -> bool:
        """Once around; True when standard input has something to say."""
        arrived: list[tuple[Watcher, bytes, int]] = []
        is_called = False
        for descriptor, mask in self.epoll.poll(timeout, 4096):
            if descriptor == STDIN:
                is_called = True
            elif mask == select.EPOLLOUT:
                self._send(self.by_descriptor[descriptor])
            else:
                arrived.extend(self._read(self.by_descriptor[descriptor]))
        for watcher, data, now in arrived:
            self._take(watcher, data, now)
        if arrived:
            self.moved, self.cpu_moved = time.monotonic(), time.process_time()
        return is_called

    def _send(self, watcher: Watcher) -> None:
        watcher.socket.send(watcher.request)
        self.epoll.modify(watcher.socket, select.EPOLLIN)

    def _read(self, watcher: Watcher) -> list[tuple[Watcher, bytes, int]]:
        try:
            data = watcher.socket.recv(READ)
        except OSError:
            data = b""
        if data:
            return [(watcher, data, time.monotonic_ns())]
        self.closed += watcher.status == 200
        self._drop(watcher)
        return []

    def _take(self, watcher: Watcher, data: bytes, now: int) -> None:
        was_answered = bool(watcher.status)
        self.latencies.extend(watcher.take(data, now))
        if watcher.status and not was_answered:
            self.unanswered.discard(watcher)
            if watcher.status != 200:
                self._drop(watcher)

    def _drop(self, watcher: Watcher) -> None:
        self.unanswered.discard(watcher)
        if watcher.socket.fileno() >= 0:
            self.epoll.unregister(watcher.socket)
            watcher.socket.close()


def say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    os.set_blocking(STDIN, True)
    order = json.loads(sys.stdin.readline())
    load = Load(order["port"], order["requests"])
    say(load.connect(order["window"], order["patience"]))
    while (command := load.wait_for_command()) is not None:
        if command["do"] == "begin":
            load.begin()
            say({})
        else:
            say(load.finish(command["expected"], command["settle"], command["patience"]))


if __name__ == "__main__":
    main()
