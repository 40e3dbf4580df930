"""Scores made into probabilities that mean what they say, and how far they do. `fitting` finds the best scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
_BINS = 15


def softmax(logits: Array) -> Array:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Array = raised / raised.sum(axis=1, keepdims=True)
    return shares


@dataclass(frozen=True, slots=True)
class Scale:
    """`temperature` sharpens the scores (Guo et al. 2017)."""

    temperature: float

    def probabilities(self, scores: Array) -> Array:
        return softmax(scores / self.temperature)


def expected_error(probabilities: Array, truth: NDArray[np.signedinteger[Any]]) -> float:
    """By how much confidence and accuracy differ, over 15 bins of confidence, weighted by what falls in them (ECE)."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    place = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [abs(float((right - confidence)[place == number].sum())) for number in range(_BINS)]
    return sum(gaps) / max(len(truth), 1)


def cut_off(confidence: Array, right: NDArray[np.bool_], wanted: float) -> float:
    """The least confidence from which on at least `wanted` of the predictions were right; 1.0: none.

    Half a mistake is added, so that a few lucky predictions promise nothing.
    """
    order = np.argsort(-confidence, kind="stable")
    accuracy = (np.cumsum(right[order]) + 0.5) / (np.arange(len(order)) + 2)
    good = np.flatnonzero(accuracy >= wanted)
    return float(confidence[order][good[-1]]) if len(good) else 1.0


@dataclass(frozen=True, slots=True)
class Logistic:
    """The probability of yes, from a few features."""

    weights: tuple[float, ...]
    bias: float

    def probabilities(self, features: Array) -> Array:
        shares: Array = 1 / (1 + np.exp(-np.clip(features @ np.array(self.weights) + self.bias, -30, 30)))
        return shares
