"""`expire_conversations`: what the schedule does every minute, by hand."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.conf import settings

from conversations import memory
from triage import orchestrator
from triage.management.plain_command import PlainCommand, hush_logs


class Command(PlainCommand):
    help = (
        "End interviews in which nobody has said anything for a while, and forget what Redis let expire. "
        "Nothing is lost: whoever comes back goes on where they were."
    )
    examples = (
        "  manage.py expire_conversations\n  manage.py expire_conversations --idle-for 3600    silent for an hour"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--idle-for",
            type=_seconds,
            default=timedelta(seconds=settings.CONVERSATION_TTL),
            metavar="SECONDS",
            help=f"how long nobody has said anything (default: CONVERSATION_TTL, {settings.CONVERSATION_TTL})",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        hush_logs(options["verbosity"])
        ended = 0
        while some := orchestrator.expire_idle(idle_for=options["idle_for"]):  # it takes a bounded number at a time
            ended += some
        self.stdout.write(f"{ended} interviews ended")
        self.stdout.write(f"{memory.sweep_expired()} expired conversations dropped from memory")


def _seconds(text: str) -> timedelta:
    try:
        seconds = int(text)
        return timedelta(seconds=seconds) if seconds > 0 else _refuse(text)
    except (ValueError, OverflowError):
        return _refuse(text)


def _refuse(text: str) -> timedelta:
    raise ArgumentTypeError(f"{text} is not a number of seconds")
