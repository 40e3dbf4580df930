"""The background engine: runs a minute, what its guarantees cost, what a crash and a rush do to people."""

from __future__ import annotations

from benchmarks.runs.command import add_arguments, run
from benchmarks.runs.table import show

__all__ = ["add_arguments", "run", "show"]
