"""To django-eventstream: its own `send_event`."""
# mypy: disable-error-code="import-not-found, import-untyped"

from __future__ import annotations

import os

import django

from benchmarks.streams.publish import Publish, envelope

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.streams.peers.eventstream_project"
django.setup(set_prefix=False)

from django_eventstream import send_event  # noqa: E402 - needs the applications to be ready


def publisher() -> Publish:
    def publish(topic: str, seq: int, message: str) -> None:
        send_event(topic, "triage_update", envelope(topic, seq, message))

    return publish


def finish() -> None:
    """Nothing waits."""
