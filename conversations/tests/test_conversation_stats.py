"""`manage.py conversation_stats` tells what is remembered, or plainly that it cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from conversations import memory, transcript
from conversations.models import Message
from triage_project.tests.faulty_valkey import FaultyValkey


def output(*options: str) -> str:
    written = StringIO()
    call_command("conversation_stats", *options, stdout=written)
    return written.getvalue()


@pytest.mark.django_db
def test_it_counts_the_memory_and_the_rows() -> None:
    kept = transcript.start(language="en", time_zone="UTC")
    transcript.say(kept, None, Message.Role.CLIENT, "Hello", datetime(2026, 3, 3, tzinfo=UTC))
    transcript.close(transcript.start(language="en", time_zone="UTC").pk)
    memory.remember(kept.id, 1, {})
    assert json.loads(output("--json")) == {
        "active": 1,
        "expired": 0,
        "conversations": 2,
        "open": 1,
        "messages": 1,
    }


@pytest.mark.django_db
def test_the_table_names_every_number() -> None:
    table = output()
    assert all(word in table for word in ("active", "expired", "conversations", "open", "messages"))


@pytest.mark.fault
def test_without_redis_it_says_so_and_fails(valkey: FaultyValkey) -> None:
    valkey.stop()
    ran = subprocess.run(
        [sys.executable, Path(settings.BASE_DIR) / "manage.py", "conversation_stats", "--skip-checks"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "Redis does not answer" in ran.stderr
    assert "Traceback" not in ran.stderr
