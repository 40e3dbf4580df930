"""Vectors that are kept in Redis, since the same sentence is asked for again and again."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import structlog
from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django_redis.exceptions import ConnectionInterrupted
from numpy.typing import NDArray
from redis.exceptions import RedisError

from triage.analysis.semantic.embedding import Embedder
from triage.analysis.semantic.encoders import Vectors, encodable

log = structlog.get_logger(__name__)

_TOGETHER = 128  # texts that are encoded and kept at once


class Remembering:
    """Keeps vectors in Redis as long as conversations are remembered, by a keyed hash, so that no words lie there.

    Half precision, kept or not, so that both ways give the same. Without Redis everything is worked out anew.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name, self.parts = embedder.name, embedder.parts
        self._width = sum(self.parts)

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self._width), dtype=np.float16)
        is_there = True
        for start in range(0, len(texts), _TOGETHER):
            part = texts[start : start + _TOGETHER]
            keys = [self._key(text) for text in part]
            found = {}
            if is_there:
                known = _recalled(keys, self._width)
                found, is_there = known or {}, known is not None
            missing = {key: text for key, text in zip(keys, part, strict=True) if key not in found}
            if missing:
                made = self._embedder.encode(list(missing.values())).astype(np.float16)
                fresh = dict(zip(missing, made, strict=True))
                is_there = is_there and _kept(fresh)
                found |= fresh
            vectors[start : start + len(part)] = [found[key] for key in keys]
        return vectors.astype(np.float32)

    def _key(self, text: str) -> str:
        digest = salted_hmac("triage.embedding", encodable(text), algorithm="sha256").hexdigest()
        return f"embedding:{self.name}:{digest}"


def _recalled(keys: list[str], width: int) -> dict[str, Any] | None:
    """What is known, without what is damaged; None while Redis is away."""
    try:
        kept = cache.get_many(set(keys))
    except (RedisError, ConnectionInterrupted, OSError) as error:
        log.warning("embeddings_not_recalled", error=type(error).__name__)
        return None
    except ValueError:  # somebody else's values
        return {}
    decoded = {key: _decoded(value, width) for key, value in kept.items()}
    return {key: vector for key, vector in decoded.items() if vector is not None}


def _decoded(value: object, width: int) -> NDArray[np.float16] | None:
    try:
        vector = np.frombuffer(base64.b64decode(str(value), validate=True), dtype=np.float16)
    except ValueError:
        return None
    return vector if vector.shape == (width,) and bool(np.isfinite(vector).all()) else None


def _kept(vectors: dict[str, NDArray[np.float16]]) -> bool:
    try:
        texts = {key: base64.b64encode(vector.tobytes()).decode() for key, vector in vectors.items()}
        cache.set_many(texts, timeout=settings.CONVERSATION_TTL)
    except (RedisError, ConnectionInterrupted, OSError) as error:
        log.warning("embeddings_not_kept", error=type(error).__name__)
        return False
    return True
