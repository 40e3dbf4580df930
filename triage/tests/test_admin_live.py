"""A case's page in the admin follows its case while staff look at it, in a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect, sync_playwright

from triage import orchestrator
from triage.models import Case
from triage.tests.cast import acting, alice, bob, make_case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
def address(session_valkey: object) -> Iterator[str]:
    """A web server of its own on the tests' database and Redis."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}"}
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "triage_project.asgi:application"]
    server = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    try:
        assert server.stderr
        for line in server.stderr:
            if "Listening on TCP" in line:
                break
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def cookies(client: Client) -> list[dict[str, str]]:
    """Bob is signed in. Made before the browser starts, whose loop would forbid the database."""
    client.force_login(bob())
    return [{"name": "sessionid", "value": client.cookies["sessionid"].value}]
