"""To our own log: one transaction per event, then the hint, as every verb does it."""

from __future__ import annotations

import os

import django
from django.db import transaction

from benchmarks.streams.publish import Publish

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "triage_project.settings")
django.setup(set_prefix=False)

from triage import broadcast, eventlog  # noqa: E402 - needs the applications to be ready
from triage.events import TriageUpdate  # noqa: E402

HINTS_SECONDS = 10.0


def publisher() -> Publish:
    def publish(topic: str, seq: int, message: str) -> None:
        with transaction.atomic():
            last = eventlog.append(topic, [TriageUpdate(message, seq % 100, "interview")])
            broadcast.case_moved(topic, last)

    return publish


def finish() -> None:
    broadcast.drain(HINTS_SECONDS)
