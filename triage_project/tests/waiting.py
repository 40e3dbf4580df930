"""Waiting for what happens elsewhere: another thread, process or server."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], timeout: float = 10.0, interval: float = 0.01) -> T:
    """What `condition` returned once it was true; AssertionError when that takes longer than `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            name = getattr(condition, "__name__", repr(condition))
            raise AssertionError(f"not within {timeout:g} s: {name} (last: {value!r})")
        time.sleep(interval)
