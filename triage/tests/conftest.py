"""Fixtures of the browser tests."""

from __future__ import annotations

from triage.tests.browsing import chromium
from triage.tests.live_site import live_site

__all__ = ["chromium", "live_site"]
