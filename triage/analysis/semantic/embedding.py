"""Sentences as vectors: near each other where they mean the like, in whichever language.

The models are packages of their own; they are loaded by the first sentence that nobody has asked for lately, so a
process that analyses nothing never pays for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from triage.analysis.semantic.encoders import Vectors

_LONGEST = 10_000  # characters of a text
_MOST_LINES = 16


class Embedder(Protocol):
    """`name` changes with whatever changes the vectors. They have length 1, and so many numbers of each part."""

    name: str
    parts: tuple[int, ...]

    def encode(self, texts: Sequence[str]) -> Vectors: ...


class Joined:
    """Several embedders' vectors side by side, as loud as each other."""

    def __init__(self, *embedders: Embedder) -> None:
        self._embedders = embedders
        self.name = "+".join(each.name for each in embedders)
        self.parts = tuple(part for each in embedders for part in each.parts)

    def encode(self, texts: Sequence[str]) -> Vectors:
        beside = np.hstack([each.encode(texts) for each in self._embedders])
        vectors: Vectors = beside / np.float32(np.sqrt(len(self._embedders)))
        return vectors


class Memo:
    """Encodes each sentence once, for who learns from the same ones again and again. Nothing is left in Redis."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}
        self.name, self.parts = embedder.name, embedder.parts

    def encode(self, texts: Sequence[str]) -> Vectors:
        if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known.update(zip(new, self._embedder.encode(new), strict=True))
        return np.array([self._known[text] for text in texts], dtype=np.float32).reshape(len(texts), sum(self.parts))


def encode(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """A text of several lines is the mean of its lines, longer ones louder: of a conversation only the last is new."""
    lines = [_lines(text) for text in texts]
    made = embedder.encode([line for each in lines for line in each])
    vectors = np.zeros((len(texts), sum(embedder.parts)), dtype=np.float32)
    start = 0
    for row, each in enumerate(lines):
        loud = np.sqrt([1.0 + len(line) for line in each], dtype=np.float32)
        mean = loud @ made[start : start + len(each)]
        vectors[row] = mean / max(float(np.linalg.norm(mean)), 1e-9)
        start += len(each)
    return vectors


def _lines(text: str) -> list[str]:
    """Each is worked out for itself: of many short ones several are joined."""
    lines = [line for line in text[:_LONGEST].splitlines() if line.strip()] or [""]
    step = -(-len(lines) // _MOST_LINES)
    return [" ".join(lines[start : start + step]) for start in range(0, len(lines), step)]
