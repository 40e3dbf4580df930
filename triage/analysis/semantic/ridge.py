"""Ridge regression on similarities between examples, and what it would have said had it not seen some of them.

One decomposition gives the weights and, in closed form, every prediction of leave-one-out cross-validation; and
likewise those for a whole group left out. What is calibrated by them needs no second training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Array = NDArray[np.float32]
_RIDGE = 0.02


@dataclass(frozen=True, slots=True)
class Solution:
    """`weights` (examples x columns); `_inverse` is right in its lower triangle only."""

    weights: Array
    targets: Array
    _inverse: Array

    def left_out(self) -> Array:
        """What each example's targets are predicted to be by all others."""
        predicted: Array = self.targets - self.weights / self._inverse.diagonal()[:, None]
        return predicted

    def groups_left_out(self, groups: Sequence[NDArray[np.intp]]) -> Array:
        """The same, where an example is predicted without any of its group. Rows in no group are zero."""
        predicted = np.zeros_like(self.targets)
        for rows in groups:
            rows = np.sort(rows)  # noqa: PLW2901 - so that the block's lower triangle is in the lower triangle
            block = np.tril(self._inverse[np.ix_(rows, rows)])
            block = block + np.tril(block, -1).T
            predicted[rows] = self.targets[rows] - linalg.solve(block, self.weights[rows], assume_a="pos")
        return predicted


def solve(kernel: Array, targets: Array) -> Solution:
    """`kernel` is used up, since it may fill a large part of the memory."""
    kernel[np.diag_indices(len(kernel))] += _RIDGE
    # Fortran order of the transpose is the same symmetric matrix, without a copy.
    lower = linalg.cholesky(kernel.T, lower=True, overwrite_a=True, check_finite=False)
    weights = linalg.cho_solve((lower, True), targets, check_finite=False)
    inverse, _ = linalg.lapack.spotri(lower, lower=1, overwrite_c=1)
    return Solution(weights.astype(np.float32), targets, inverse)
