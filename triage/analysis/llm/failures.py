"""What went wrong with a model, from the errors of pydantic-ai to ours. Imported with `calls` only."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelConnectionError,
    ModelHTTPError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelTimeoutError,
    OutputTokenLimitExceeded,
    UnexpectedModelBehavior,
    UserError,
)

from triage.analysis.base import Cost
from triage.analysis.llm.configuration import provider_of
from triage.analysis.llm.errors import ModelUnavailable, ModelUnusable
from triage.breaker import Postponed, RateLimited

_LONGEST_PAUSE = 3600.0  # seconds; whoever names a longer one has not understood the question


class TooMuch(Exception):
    """More bytes than any answer has."""


def explained(model: str, error: Exception, cost: Cost | None = None) -> Exception:
    """The error to raise in its place; one that is not about the model stays what it is.

    A provider that says when to ask again is taken at its word: like our own rate limit, that is no failure.
    """
    chain = list(_chain(error))
    if postponed := next((one for one in chain if isinstance(one, Postponed)), None):
        return postponed
    if any(isinstance(one, TooMuch) for one in chain):
        return ModelUnusable(model, "too_much", cost=cost)
    if isinstance(error, ModelRateLimitError) and error.retry_after is not None:
        return RateLimited(provider_of(model), min(error.retry_after, _LONGEST_PAUSE))
    if code := _passing(error):
        return ModelUnavailable(model, code, _detail(error), cost)
    if code := _lasting(error):
        return ModelUnusable(model, code, _detail(error), cost)
    return error


def _passing(error: Exception) -> str | None:
    if isinstance(error, ModelQuotaExceededError | ModelRequestRejectedError):
        return None
    kinds: list[tuple[type[Exception], str]] = [
        (TimeoutError, "timeout"),
        (ModelTimeoutError, "timeout"),
        (ModelRateLimitError, "rate_limited"),
        (ModelConnectionError, "unreachable"),
        (ModelAPIError, "unavailable"),
    ]
    return next((code for kind, code in kinds if isinstance(error, kind)), None)


def _lasting(error: Exception) -> str | None:
    kinds: list[tuple[type[Exception], str]] = [
        (ModelQuotaExceededError, "quota"),
        (ModelRequestRejectedError, "refused"),
        (ContentFilterError, "filtered"),
        (OutputTokenLimitExceeded, "too_much"),
        (UnexpectedModelBehavior, "invalid_output"),
        (UserError, "misconfigured"),
        (ImportError, "misconfigured"),
    ]
    return next((code for kind, code in kinds if isinstance(error, kind)), None)


def _detail(error: Exception) -> str:
    """Only what quotes nobody: the settings' mistake, the status, else the kind."""
    if isinstance(error, UserError | ImportError):
        return str(error)
    return str(error.status_code) if isinstance(error, ModelHTTPError) else type(error).__name__


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
