"""Delivery of events: our servers and their peers, each a real process on loopback, under the same watchers."""

from __future__ import annotations

from benchmarks.streams.command import add_arguments, run
from benchmarks.streams.table import show

__all__ = ["add_arguments", "run", "show"]
