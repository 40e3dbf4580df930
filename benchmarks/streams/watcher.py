"""One stream as its client sees it: HTTP head, chunks, frames; no more of each than is needed to count and time."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field

# What every peer's frame contains, whatever else it says: the number in its case, and when it was published.
EVENT = re.compile(rb'"seq":\s?(\d+).*?"message":\s?"@(\d+) ')
HEAD_END = b"\r\n\r\n"


@dataclass(eq=False, slots=True)
class Watcher:
    """Times are CLOCK_MONOTONIC in nanoseconds, the same in every process of the machine."""

    socket: socket.socket
    request: bytes
    opened: int = 0
    answered: int = 0
    last_received: int = 0
    status: int = 0
    duplicates: int = 0
    disordered: int = 0
    seen: set[int] = field(default_factory=set)
    highest: int = 0
    _is_chunked: bool = False
    _raw: bytes = b""
    _text: bytes = b""

    def take(self, data: bytes, now: int) -> list[float]:
        """Latencies in milliseconds of the events that came with `data`."""
        if not self.status:
            head, separator, data = (self._raw + data).partition(HEAD_END)
            if not separator:
                self._raw = head
                return []
            self._raw = b""
            self.answered = now
            self.status = int(head[9:12])
            self._is_chunked = b"transfer-encoding: chunked" in head.lower()
        text = self._text + (self._without_chunks(data) if self._is_chunked else data)
        end = max(text.rfind(b"\n\n") + 2, text.rfind(b"\r\n\r\n") + 4)
        if end < 4:
            self._text = text
            return []
        self._text = text[end:]
        return [self._count(match, now) for match in EVENT.finditer(text, 0, end)]

    def _count(self, match: re.Match[bytes], now: int) -> float:
        seq = int(match[1])
        if seq in self.seen:
            self.duplicates += 1
        elif seq < self.highest:
            self.disordered += 1
        self.seen.add(seq)
        self.highest = max(self.highest, seq)
        self.last_received = now
        return (now - int(match[2])) / 1e6

    def _without_chunks(self, data: bytes) -> bytes:
        raw = self._raw + data
        pieces, at = [], 0
        while (line := raw.find(b"\r\n", at)) > 0:
            size = int(raw[at:line], 16)
            end = line + 2 + size
            if len(raw) < end + 2:
                break
            pieces.append(raw[line + 2 : end])
            at = end + 2
        self._raw = raw[at:]
        return b"".join(pieces)
