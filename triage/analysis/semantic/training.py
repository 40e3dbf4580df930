"""Learning from examples. Needs solvers that take long to import: whoever only predicts does without this module.

Whatever is calibrated here is calibrated by predictions of examples that were left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from triage.analysis.semantic import embedding, ridge
from triage.analysis.semantic.calibration import expected_error
from triage.analysis.semantic.classifier import Classifier
from triage.analysis.semantic.embedding import Embedder
from triage.analysis.semantic.fitting import fit_logistic, fit_scale
from triage.analysis.semantic.learnt import SCOPE_SIGNS, Learnt, label_cut_off, nearest, scope_features
from triage.analysis.semantic.space import Space, nearness

MOST = 20_000  # examples that are learnt from; time grows with their third power, memory with their square: 1.6 GB
WANTED = (0.8, 0.9, 0.95, 0.98)
_WORD = re.compile(r"[^\W\d_]+")
Array = NDArray[Any]


def train(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    embedder: Embedder | None,
    out_of_scope: Sequence[str] = (),
) -> Classifier:
    """Raises ValueError where there is nothing to tell apart."""
    if len(set(labels)) + bool(out_of_scope) < 2:
        raise ValueError("There must be at least two labels to tell apart, or one and what is out of scope.")
    return Classifier(_learn(_Taught.of(texts, labels, out_of_scope), embedder), embedder)


@dataclass(frozen=True, slots=True)
class _Taught:
    """`truth`: the number of each text's label. `told`: the numbers of the labels that say something, and what."""

    names: tuple[str, ...]
    texts: tuple[str, ...]
    truth: NDArray[np.int32]
    outside: tuple[str, ...]
    told: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, texts: Sequence[str], labels: Sequence[str], outside: Sequence[str]) -> Self:
        names, taken = tuple(sorted(set(labels))), _sample(labels)
        truth = np.array([names.index(labels[at]) for at in taken], dtype=np.int32)
        told = tuple((at, name) for at, name in enumerate(map(_spoken, names)) if name)
        return cls(names, tuple(texts[at] for at in taken), truth, tuple(outside), told)

    @property
    def everything(self) -> list[str]:
        return [*self.texts, *self.outside, *(name for _, name in self.told)]

    @property
    def targets(self) -> NDArray[np.float32]:
        """One column for each label, and one more for being out of scope if there is anything that is."""
        size, outside = len(self.names), len(self.outside)
        named = np.array([at for at, _ in self.told], dtype=np.int32)
        columns = np.concatenate([self.truth, np.full(outside, size), named]).astype(np.int32)
        return np.eye(size + (outside > 0), dtype=np.float32)[columns]


def _learn(taught: _Taught, embedder: Embedder | None) -> Learnt:
    everything, labels, outside = taught.everything, len(taught.names), len(taught.outside)
    vectors = embedding.encode(embedder, everything) if embedder else None
    space = Space.learn(everything, vectors, embedder.parts if embedder else ())
    points = space.place(everything, vectors)
    likeness = space.likeness(points, points)
    near = _near(likeness, taught.truth, outside)
    solution = ridge.solve(nearness(likeness), taught.targets)
    scores = solution.left_out()[: len(taught.texts), :labels]
    scale = fit_scale(scores, taught.truth)
    shares = scale.probabilities(scores)
    known, foreign = _scope_features(solution, near, taught.truth, labels, outside)
    scope = fit_logistic(np.vstack([known, foreign]), np.arange(len(known) + len(foreign)) < len(known), SCOPE_SIGNS)
    seen = _Seen.of(shares, taught.truth)
    return Learnt(
        labels=taught.names,
        texts=taught.texts,
        truth=taught.truth,
        embedder=embedder.name if embedder else "",
        space=space,
        points=points,
        weights=solution.weights,
        scale=scale,
        scope=scope,
        predicted=seen.predicted,
        confidence=seen.confidence,
        right=seen.right,
        known=scope.probabilities(known).astype(np.float32),
        foreign=scope.probabilities(foreign).astype(np.float32),
        figures={
            "examples": len(taught.texts),
            "out_of_scope": outside,
            "accuracy": float(seen.right.mean()),
            "ece": expected_error(shares, taught.truth),
            "temperature": scale.temperature,
            "cutoffs": seen.cut_offs(taught.names),
        },
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What would have been predicted of each example, had it not been learnt."""

    predicted: NDArray[np.int32]
    confidence: NDArray[np.float32]
    right: NDArray[np.bool_]

    @classmethod
    def of(cls, shares: Array, truth: NDArray[np.int32]) -> Self:
        predicted = shares.argmax(axis=1).astype(np.int32)
        return cls(predicted, shares.max(axis=1).astype(np.float32), predicted == truth)

    def cut_offs(self, names: Sequence[str]) -> dict[str, dict[str, float]]:
        return {
            str(wanted): {
                name: round(label_cut_off(label, self.predicted, self.confidence, self.right, wanted), 4)
                for label, name in enumerate(names)
            }
            for wanted in WANTED
        }


def _sample(labels: Sequence[str]) -> list[int]:
    """All, or where they are too many every so-many-eth of each label, so that each keeps its share."""
    if len(labels) <= MOST:
        return list(range(len(labels)))
    by_label = sorted(range(len(labels)), key=lambda at: labels[at])
    return sorted(by_label[at * len(labels) // MOST] for at in range(MOST))


def _spoken(label: str) -> str:
    """A label's own words, which are one more example of it ("card_arrival"); nothing where it is a number."""
    return " ".join(word for word in _WORD.findall(label) if len(word) > 2)


def _near(likeness: Array, truth: Array, outside: int) -> Array:
    """How near the nearest examples are, other than itself: of each example, and then of what is not in scope.

    Without examples of what is not, those of each label play them: then it is how near those of other labels are.
    """
    inside = len(truth)
    own = likeness.diagonal().copy()
    np.fill_diagonal(likeness, -1.0)
    near = nearest(likeness[: inside + outside, :inside])
    if not outside:
        near = np.concatenate([near, _by_label(likeness[:inside, :inside], truth)])
    np.fill_diagonal(likeness, own)
    return near


def _by_label(likeness: Array, truth: Array) -> Array:
    near = np.empty(len(truth), dtype=np.float32)
    for label in np.unique(truth):
        near[truth == label] = nearest(likeness[truth == label][:, truth != label])
    return near


def _scope_features(
    solution: ridge.Solution, near: Array, truth: Array, labels: int, outside: int
) -> tuple[Array, Array]:
    """What tells whether a text is in scope: of the examples, and of what is not in scope.

    Without examples of what is not, those of each label play them, seen by a classifier that never met the label.
    """
    inside = len(truth)
    unseen = solution.left_out()
    strange = unseen[inside : inside + outside] if outside else _without_their_label(solution, truth, labels)
    return scope_features(unseen[:inside], near[:inside], labels), scope_features(strange, near[inside:], labels)


def _without_their_label(solution: ridge.Solution, truth: Array, labels: int) -> Array:
    """Scores of each example as if its label did not exist."""
    named = solution.targets[:, :labels].argmax(axis=1)
    groups = [np.flatnonzero(named == label) for label in range(labels)]
    strange = solution.groups_left_out(groups)[: len(truth)]
    strange[np.arange(len(truth)), truth] = -1.0
    return strange
