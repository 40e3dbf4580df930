"""The held analyzer, in a process whose clock is wrong by SKEW seconds."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from django.utils import timezone

from triage.tests.held_analyzer import HeldAnalyzer

__all__ = ["SkewedAnalyzer"]

_right = timezone.now


def _wrong() -> datetime:
    return _right() + timedelta(seconds=float(os.environ["SKEW"]))


timezone.now = _wrong


class SkewedAnalyzer(HeldAnalyzer):
    """Its import is what matters."""
