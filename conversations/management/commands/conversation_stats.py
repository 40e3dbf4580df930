"""How many conversations are remembered, how many expired, how many there are."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from conversations import memory
from conversations.errors import MemoryUnavailable
from conversations.models import Conversation, Message


class Command(BaseCommand):
    help = "Shows how many conversations are remembered in Redis, how many expired, and the totals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            remembered = memory.statistics()
        except MemoryUnavailable as error:
            raise CommandError(f"{error}. The rows are safe; nothing can be said about the memory.") from error
        numbers = {
            "active": remembered.active,
            "expired": remembered.expired_total,
            "conversations": Conversation.objects.count(),
            "open": Conversation.objects.filter(closed_at=None).count(),
            "messages": Message.objects.count(),
        }
        if options["json"]:
            self.stdout.write(json.dumps(numbers))
        else:
            self._show(numbers)

    def _show(self, numbers: dict[str, int]) -> None:
        meaning = {
            "active": "remembered in Redis now",
            "expired": "forgotten by Redis because nobody used them",
            "conversations": "kept in the database",
            "open": "of these not closed",
            "messages": "said in them",
        }
        table = Table("what", "how many", "meaning")
        for name, number in numbers.items():
            table.add_row(name, f"{number:,}", meaning[name])
        console = Console()
        with console.capture() as drawn:
            console.print(table)
        self.stdout.write(drawn.get())
