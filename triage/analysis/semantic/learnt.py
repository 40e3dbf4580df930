"""What a classifier knows: plain arrays and texts, no code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.analysis.semantic.calibration import Logistic, Scale, cut_off
from triage.analysis.semantic.space import Points, Space

_NEAREST = 3  # of the examples decide how near a text is to what is known
_ROWS = 1024
_LEAST = 8  # predictions of a label, below which nothing is said of that label alone
SCOPE_SIGNS = (1, -1, 1)  # whether each of `scope_features` speaks for being in scope


@dataclass(frozen=True, slots=True)
class Learnt:
    """Rows of `points` and `weights`: the examples, then what is out of scope, then the labels' own words. Columns of
    `weights`: the labels, and then, if there are such examples, being out of scope.

    `predicted`, `confidence`, `right`: of each example, cross-validated.
    `known`, `foreign`: how probably each example, and each text out of scope, is in scope, cross-validated too.
    """

    labels: tuple[str, ...]
    texts: tuple[str, ...]
    truth: NDArray[np.int32]
    embedder: str
    space: Space
    points: Points
    weights: NDArray[np.float32]
    scale: Scale
    scope: Logistic
    predicted: NDArray[np.int32]
    confidence: NDArray[np.float32]
    right: NDArray[np.bool_]
    known: NDArray[np.float32]
    foreign: NDArray[np.float32]
    figures: dict[str, Any]

    def scope_features(self, scores: NDArray[Any], likeness: NDArray[Any]) -> NDArray[Any]:
        return scope_features(scores, nearest(likeness[:, : len(self.texts)]), len(self.labels))


def scope_features(scores: NDArray[Any], near: NDArray[Any], labels: int) -> NDArray[Any]:
    """What tells whether a text is in scope: its best score, that of being outside, and how near the nearest are."""
    outside = scores[:, labels] if scores.shape[1] > labels else np.zeros(len(scores))
    return np.column_stack([scores[:, :labels].max(axis=1), outside, near]).astype(np.float64)


def nearest(likeness: NDArray[Any]) -> NDArray[Any]:
    """How like the few nearest examples are, in the mean."""
    most = min(_NEAREST, likeness.shape[1])
    means = np.empty(len(likeness), dtype=likeness.dtype)
    for start in range(0, len(likeness), _ROWS):  # sorting copies: all at once would take the memory twice
        rows = slice(start, start + _ROWS)
        means[rows] = np.partition(likeness[rows], likeness.shape[1] - most, axis=1)[:, -most:].mean(axis=1)
    return means


def label_cut_off(
    label: int, predicted: NDArray[Any], confidence: NDArray[Any], right: NDArray[Any], wanted: float
) -> float:
    """Of a label that was predicted seldom nothing can be said alone: the predictions of all labels decide."""
    own = predicted == label
    chosen = own if int(own.sum()) >= _LEAST else np.ones_like(own)
    return cut_off(confidence[chosen], right[chosen], wanted)
