"""How asking a model fails. Messages name the model and a code, never what was said to it or by it."""

from __future__ import annotations

from triage.analysis.base import Cost


class ModelFailed(Exception):
    """`code` is stable and fit for the stages of a result; `cost` is what the attempt was paid for all the same."""

    def __init__(self, model: str, code: str, detail: str = "", cost: Cost | None = None) -> None:
        super().__init__(f"{model}: {code}{f' ({detail})' if detail else ''}")
        self.model = model
        self.code = code
        self.cost = cost or Cost()


class ModelUnavailable(ModelFailed):
    """It may pass: `timeout`, `rate_limited`, `unreachable`, `unavailable`, `nonsense` (no model's answer at all)."""


class ModelUnusable(ModelFailed):
    """It does not pass by itself: `refused` (the key, the model's name, the request), `quota`, `misconfigured`,
    `filtered`, `too_much`, `invalid_output` (twice)."""
