"""Scores made into probabilities that mean what they say, fitted on predictions of examples that were not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Array = NDArray[np.floating[Any]]
_BINS = 15


def softmax(logits: Array) -> Array:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Array = raised / raised.sum(axis=1, keepdims=True)
    return shares


@dataclass(frozen=True, slots=True)
class Scale:
    """`temperature` sharpens the scores; `rules`: how loud a second opinion (0 to 1 per category) is beside them."""

    temperature: float
    rules: float = 0.0

    def probabilities(self, scores: Array, rules: Array | None = None) -> Array:
        logits = scores / self.temperature
        return softmax(logits if rules is None else logits + self.rules * rules)


def fit_scale(scores: Array, truth: NDArray[np.signedinteger[Any]], rules: Array | None = None) -> Scale:
    """The scale under which what was true is most probable."""

    def made(values: Array) -> Scale:
        return Scale(float(np.exp(-values[0])), max(float(values[1]), 0.0) if len(values) > 1 else 0.0)

    def surprise(values: Array) -> float:
        shares = made(values).probabilities(scores, rules)[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(shares, 1e-12)).mean() + 1e-4 * values[0] ** 2)

    begin = np.array([2.0] if rules is None else [2.0, 1.0])
    found = minimize(surprise, begin, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-7})
    return made(found.x)


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


def fit_logistic(features: Array, is_yes: NDArray[np.bool_], signs: tuple[int, ...]) -> Logistic:
    """Yes and no weigh the same, however many there are of each. `signs`: whether a feature speaks for yes or for no.

    The fewer there are of either, the less they may sharpen.
    """
    caution = 0.05 / max(min(int(is_yes.sum()), int((~is_yes).sum())), 1)
    share = np.where(is_yes, 0.5 / max(int(is_yes.sum()), 1), 0.5 / max(int((~is_yes).sum()), 1))

    def surprise(values: Array) -> float:
        margin = np.where(is_yes, 1, -1) * (features @ values[:-1] + values[-1])
        return float((share * np.logaddexp(0, -margin)).sum() + caution * (values[:-1] ** 2).sum())

    bounds = [(0, None) if sign > 0 else (None, 0) for sign in signs] + [(None, None)]
    found = minimize(surprise, np.zeros(features.shape[1] + 1), method="L-BFGS-B", bounds=bounds).x
    return Logistic(tuple(float(value) for value in found[:-1]), float(found[-1]))
