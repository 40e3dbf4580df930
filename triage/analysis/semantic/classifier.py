"""What a text is about, learnt from examples: probabilities that mean what they say, and why.

Deterministic: the same examples in the same order make the same classifier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from triage.analysis.semantic import embedding, installed, storing
from triage.analysis.semantic.embedding import Embedder
from triage.analysis.semantic.encoders import Vectors
from triage.analysis.semantic.features import words
from triage.analysis.semantic.learnt import Learnt, label_cut_off
from triage.analysis.semantic.space import nearness

_MOST_NEAREST, _MOST_WORDS = 3, 5


@dataclass(frozen=True, slots=True)
class Prediction:
    """`probabilities` of all labels sum to 1, given that the text is in scope, whose own probability is `in_scope`.

    `nearest`: example, its label, likeness up to 1. `words`: of the text, folded, with what they add to the best label.
    """

    probabilities: dict[str, float]
    in_scope: float
    nearest: list[tuple[str, str, float]]
    words: list[tuple[str, float]]


class EmbedderMissing(RuntimeError):
    """The classifier was trained with embeddings that this process cannot make."""


def _installed(name: str) -> Embedder | None:
    known = (installed.embedder(), installed.quick()) if name else ()
    return next((one for one in known if one.name == name), None)


def recipe(embedder: Embedder | None) -> str:
    """What two classifiers share that are the same where their examples are."""
    return f"{storing.FORMAT} {embedder.name if embedder else 'words'}"


class Classifier:
    """Trained once (`training.train`), or read from bytes; never changes."""

    def __init__(self, learnt: Learnt, embedder: Embedder | None) -> None:
        if learnt.embedder and (embedder is None or embedder.name != learnt.embedder):
            raise EmbedderMissing(f"The classifier needs the embedder {learnt.embedder}.")
        self._learnt = learnt
        self._embedder = embedder if learnt.embedder else None

    @classmethod
    def from_bytes(cls, data: bytes, *, embedder: Embedder | None = None) -> Self:
        """With the embedder of this process, if none is given.

        Raises ValueError for what are no such bytes, and EmbedderMissing.
        """
        learnt = storing.read(data)
        return cls(learnt, embedder or _installed(learnt.embedder))

    def to_bytes(self) -> bytes:
        return storing.write(self._learnt)

    @property
    def kind(self) -> str:
        return "embeddings" if self._embedder else "tfidf"

    @property
    def recipe(self) -> str:
        return recipe(self._embedder)

    @property
    def labels(self) -> tuple[str, ...]:
        return self._learnt.labels

    @property
    def figures(self) -> dict[str, Any]:
        """All cross-validated: accuracy, ece, temperature, cutoffs {wanted: {label: least}}."""
        return self._learnt.figures

    def cut_off(self, label: str, wanted: float) -> float:
        """The least probability at which predictions of this label reach the wanted accuracy; 1.0: none does."""
        learnt = self._learnt
        return label_cut_off(learnt.labels.index(label), learnt.predicted, learnt.confidence, learnt.right, wanted)

    @property
    def foreign(self) -> list[float]:
        """How probably each text that is out of scope would be taken for one in scope, had it not been seen."""
        return [float(share) for share in self._learnt.foreign]

    def alarm_cut_off(self, false_alarms: float) -> float:
        """From which `in_scope` on no more than this share of the texts out of scope would be taken for others."""
        return float(np.quantile(self._learnt.foreign, 1 - false_alarms, method="higher"))

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        if not texts:
            return []
        learnt = self._learnt
        points = learnt.space.place(texts, self._vectors(texts))
        likeness = learnt.space.likeness(points, learnt.points)
        spoken = points.words.tocsr()
        near = nearness(likeness.copy())
        scores = near @ learnt.weights
        shares = learnt.scale.probabilities(scores[:, : len(learnt.labels)])
        scope = learnt.scope.probabilities(learnt.scope_features(scores, likeness))
        return [
            Prediction(
                probabilities=dict(zip(learnt.labels, map(float, shares[row]), strict=True)),
                in_scope=float(scope[row]),
                nearest=self._nearest(likeness[row]),
                words=self._words(text, near[row] * learnt.weights[:, int(shares[row].argmax())], spoken[row]),
            )
            for row, text in enumerate(texts)
        ]

    def _vectors(self, texts: Sequence[str]) -> Vectors | None:
        return embedding.encode(self._embedder, texts) if self._embedder else None

    def _nearest(self, likeness: NDArray[np.float32]) -> list[tuple[str, str, float]]:
        """The nearest examples; those of no category are none."""
        learnt = self._learnt
        inside = likeness[: len(learnt.texts)]
        order = np.argsort(-inside, kind="stable")[:_MOST_NEAREST]
        return [(learnt.texts[at], learnt.labels[learnt.truth[at]], float(inside[at])) for at in order]

    def _words(self, text: str, pull: NDArray[np.float32], here: Any) -> list[tuple[str, float]]:
        """How much each word ties the text to the examples that speak for the label, by the slope of the score."""
        learnt = self._learnt
        slopes = learnt.points.words[:, here.indices].T @ pull
        loud = dict(zip(here.indices.tolist(), (slopes * here.data).tolist(), strict=True))
        terms = list(dict.fromkeys(term for term, _, _ in words(text)))
        columns = learnt.space.words.columns_of(terms).tolist()
        weighed = [(term, float(loud[column])) for term, column in zip(terms, columns, strict=True) if column in loud]
        return sorted((pair for pair in weighed if pair[1] > 0), key=lambda pair: (-pair[1], pair[0]))[:_MOST_WORDS]
