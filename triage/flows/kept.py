"""What is worked out once for each flow."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from triage.flows.schema import Flow

T = TypeVar("T")


def once_per_flow(build: Callable[[Flow], T]) -> Callable[[Flow], T]:
    """Built once for each flow object and forgotten with it (a flow holds lists, so it has no hash)."""
    kept: dict[int, tuple[weakref.ref[Flow], T]] = {}

    @wraps(build)
    def of(flow: Flow) -> T:
        key = id(flow)
        known = kept.get(key)
        if known is not None and known[0]() is flow:
            return known[1]
        built = build(flow)
        kept[key] = (weakref.ref(flow, lambda _: kept.pop(key, None)), built)
        return built

    return of
