"""What every test of triage begins with, and fixtures of the browser tests."""

from __future__ import annotations

import pytest

from triage import classifiers, forecast
from triage.flows.loader import flow_of
from triage.tests.browsing import chromium
from triage.tests.live_site import live_site
from triage.tests.web_process import web

__all__ = ["chromium", "live_site", "no_remembered_rows", "web"]


@pytest.fixture(autouse=True)
def no_remembered_rows() -> None:
    """Flow versions never change, so they are cached, but SQLite gives a rolled back key to the next test; and its
    history is its own."""
    flow_of.cache_clear()
    forecast._history.cache_clear()
    classifiers.forget()
