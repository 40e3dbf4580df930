"""Calibration fitted on predictions of examples that were not seen. Apart, as only training needs an optimiser."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from triage.analysis.semantic.calibration import Array, Logistic, Scale


def fit_scale(scores: Array, truth: NDArray[np.signedinteger[Any]]) -> Scale:
    """The scale under which what was true is most probable."""

    def surprise(values: Array) -> float:
        shares = _scale(values).probabilities(scores)[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(shares, 1e-12)).mean() + 1e-4 * values[0] ** 2)

    return _scale(minimize(surprise, [2.0], method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-7}).x)


def _scale(values: Array) -> Scale:
    return Scale(float(np.exp(-values[0])))


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
