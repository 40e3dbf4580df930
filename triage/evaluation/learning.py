"""The classifier that flows use, as a trainer. It is imported when it is wanted: it brings a model with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from triage.evaluation.judging import Learned


def train(
    texts: Sequence[str], labels: Sequence[str], *, rules: Sequence[Mapping[str, float]] | None = None
) -> Learned:
    from triage.analysis.semantic.classifier import Classifier
    from triage.analysis.semantic.embedding import embedder

    return Classifier.train(texts, labels, embedder=embedder(), rules=rules)
