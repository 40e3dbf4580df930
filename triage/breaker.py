"""Circuit breakers and rate limits for analyzers that ask somebody else, shared by all processes through Redis.

    with external("openai"):
        ask()

After `FAILURES` failures in a row nobody asks that provider for `OPEN_SECONDS`; then one call may try (half-open), and
its success closes the circuit. TRIAGE_RATE_LIMITS says how many calls a minute a provider takes from all processes
together. Whoever may not ask now gets `Postponed`, which gives a run back without counting a failure.

What is decided is pure (`Circuit`, `Bucket`) and kept by `shared`: while Redis is away each process decides for itself,
and begins with closed circuits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from django.conf import settings

from triage import shared

FAILURES = 5
OPEN_SECONDS = 60.0
PROBE_SECONDS = 60.0  # a probe whose process died is given up after so long
PROVIDERS = "breakers"

State = Literal["closed", "open", "half_open"]


class Postponed(Exception):
    """The provider must not be asked now; `retry_after` is in seconds."""

    def __init__(self, provider: str, retry_after: float) -> None:
        super().__init__(f"{provider}: not before {retry_after:.1f} s")
        self.retry_after = retry_after


class CircuitOpen(Postponed):
    """It failed again and again."""


class RateLimited(Postponed):
    """It was asked as often as it takes in a minute."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """`failures` in a row; the moments are Unix seconds."""

    failures: int = 0
    open_until: float = 0.0
    probe_until: float = 0.0

    def state(self, now: float) -> State:
        if self.failures < FAILURES:
            return "closed"
        return "open" if now < self.open_until else "half_open"

    def admit(self, now: float) -> tuple[Circuit, float]:
        """The circuit once this call was asked for, and for how many seconds it has to wait (0: it may go)."""
        state = self.state(now)
        if state == "closed":
            return self, 0.0
        until = self.open_until if state == "open" else self.probe_until
        if now < until:
            return self, until - now
        return replace(self, probe_until=now + PROBE_SECONDS), 0.0

    def failed(self, now: float) -> Circuit:
        failures = self.failures + 1
        return Circuit(failures, now + OPEN_SECONDS if failures >= FAILURES else 0.0)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Calls that may go at once, as of `at`: a sixth of a minute's, so that no minute sees many more than it may."""

    tokens: float | None = None
    at: float = 0.0

    def take(self, now: float, per_minute: int) -> tuple[Bucket, float]:
        """The bucket without one call, or, when it is empty, as it was and the seconds to wait."""
        most = max(1.0, per_minute / 6)
        tokens = most if self.tokens is None else min(most, self.tokens + max(0.0, now - self.at) * per_minute / 60)
        if tokens >= 1.0:
            return Bucket(tokens - 1.0, now), 0.0
        return Bucket(tokens, now), (1.0 - tokens) * 60 / per_minute


@dataclass(frozen=True, slots=True)
class BreakerState:
    """A provider as the board shows it. `retry_at`: when an open circuit lets one call through."""

    provider: str
    state: State
    failures: int
    retry_at: datetime | None
    per_minute: int | None


@dataclass(frozen=True, slots=True)
class _Known:
    """Providers that were asked lately."""

    names: tuple[str, ...] = ()

    def with_(self, name: str) -> _Known:
        return self if name in self.names else _Known(tuple(sorted({*self.names, name})))


@contextmanager
def external(provider: str) -> Iterator[None]:
    """Ask a provider within; any error of the body counts as the provider's failure. Raises `Postponed`."""
    _admit(provider)
    try:
        yield
    except Exception:
        shared.change(PROVIDERS, _Known, lambda known, _now: (known.with_(provider), None))
        shared.change(_circuit(provider), Circuit, lambda circuit, now: (circuit.failed(now), None))
        raise
    shared.change(_circuit(provider), Circuit, lambda _circuit, _now: (Circuit(), None))


def breakers() -> list[BreakerState]:
    """Every provider that failed lately or has a limit, by name."""
    known, _now = shared.read(PROVIDERS, _Known)
    return [_shown(name) for name in sorted({*known.names, *settings.TRIAGE_RATE_LIMITS})]


def _admit(provider: str) -> None:
    if per_minute := settings.TRIAGE_RATE_LIMITS.get(provider):
        wait = shared.change(f"rate:{provider}", Bucket, lambda bucket, now: bucket.take(now, per_minute))
        if wait:
            raise RateLimited(provider, wait)
    if wait := shared.change(_circuit(provider), Circuit, Circuit.admit):
        raise CircuitOpen(provider, wait)


def _shown(provider: str) -> BreakerState:
    circuit, now = shared.read(_circuit(provider), Circuit)
    state = circuit.state(now)
    retry_at = datetime.fromtimestamp(circuit.open_until, UTC) if state == "open" else None
    return BreakerState(provider, state, circuit.failures, retry_at, settings.TRIAGE_RATE_LIMITS.get(provider))


def _circuit(provider: str) -> str:
    return f"breaker:{provider}"
