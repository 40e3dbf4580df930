"""The classifier that flows use, as a trainer for trials."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from triage.analysis.semantic.classifier import Classifier
from triage.analysis.semantic.embedding import Embedder
from triage.analysis.semantic.encoders import Vectors
from triage.analysis.semantic.installed import embedder
from triage.analysis.semantic.training import train


class Memo:
    """Encodes each sentence once, as trials ask for the same ones again and again. Nothing is left in Redis."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}
        self.name, self.parts = embedder.name, embedder.parts

    def encode(self, texts: Sequence[str]) -> Vectors:
        if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known.update(zip(new, self._embedder.encode(new), strict=True))
        return np.array([self._known[text] for text in texts], dtype=np.float32).reshape(len(texts), sum(self.parts))


class ClassifierTrainer:
    """Learns with the models that are installed here."""

    def __init__(self) -> None:
        self._embedder = Memo(embedder(remembers=False))

    @property
    def hears(self) -> str:
        return f"words, letters and meaning ({self._embedder.name})"

    def __call__(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        out_of_scope: Sequence[str] = (),
    ) -> Classifier:
        return train(texts, labels, embedder=self._embedder, out_of_scope=out_of_scope)
