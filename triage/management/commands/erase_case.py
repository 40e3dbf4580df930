"""`erase_case`: what a person may ask for under the data protection law."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from triage import orchestrator
from triage.access import SYSTEM
from triage.management.plain_command import PlainCommand, hush_logs


class Command(PlainCommand):
    help = "Delete a case with its words, events, answers and runs, for good. `export_case` first keeps a copy."
    examples = "  manage.py erase_case case_01j… --yes"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("case", help="the id of the case")
        parser.add_argument("--yes", action="store_true", help="do it without asking")

    def handle(self, *_args: Any, **options: Any) -> None:
        hush_logs(options["verbosity"])
        if not options["yes"] and input(f"Erase {options['case']} for good? [y/N] ").strip().lower() != "y":
            raise CommandError("Nothing was erased.")
        orchestrator.erase(actor=SYSTEM, case_id=options["case"])
        self.stdout.write(f"{options['case']} is erased.")
