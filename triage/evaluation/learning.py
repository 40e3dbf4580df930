"""The classifier that flows use, as a trainer for trials."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysis.semantic.classifier import Classifier
from triage.analysis.semantic.embedding import Memo
from triage.analysis.semantic.installed import embedder
from triage.analysis.semantic.training import train


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
