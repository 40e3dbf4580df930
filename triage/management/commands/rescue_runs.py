"""`rescue_runs`: what the schedule does every few seconds, by hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from triage import broadcast, orchestrator
from triage.management.plain_command import PlainCommand, hush_logs

PATIENCE = 5.0  # seconds for the hints to leave


class Command(PlainCommand):
    help = (
        "Put right what crashes left behind: runs whose worker vanished are queued again, or failed when "
        "they took too many workers down; lanes with work that nobody picked up are announced again. Safe to repeat."
    )
    examples = "  manage.py rescue_runs"

    def handle(self, *_args: Any, **options: Any) -> None:
        hush_logs(options["verbosity"])
        lost = broadcast.counters().lost
        counts = orchestrator.rescue()
        orchestrator.tend_batches()
        self.stdout.write(
            f"{counts['rescued']} queued again, {counts['failed']} failed, {counts['announced']} announced again"
        )
        if not broadcast.drain(PATIENCE) or broadcast.counters().lost > lost:
            raise CommandError("Redis does not answer: the runs wait until a worker is told, so run this again later.")
