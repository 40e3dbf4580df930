"""Write cases as JSON Lines, one case a line."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from triage.export import case_documents
from triage.models import Case


class Command(BaseCommand):
    help = "Write cases with all that is known of them as JSON Lines. What people told is in it: keep it safe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="+", metavar="id", help="case_…")
        parser.add_argument("--output", type=Path, help="a file, readable by you alone (default: standard output)")

    def handle(self, *args: Any, ids: list[str], output: Path | None, **options: Any) -> None:
        known = set(Case.objects.filter(pk__in=ids).values_list("pk", flat=True))
        if unknown := [id_ for id_ in dict.fromkeys(ids) if id_ not in known]:
            raise CommandError(f"There is no case {', '.join(unknown)}; nothing was written.")
        try:
            with self._opened(output) as file:
                for document in case_documents(ids):
                    file.write(json.dumps(document, ensure_ascii=False) + "\n")
        except OSError as error:
            raise CommandError(f"{output or 'Standard output'} cannot be written: {error.strerror}") from error

    @contextmanager
    def _opened(self, output: Path | None) -> Iterator[IO[str] | Any]:
        if output is None:
            yield self.stdout
            return
        output.touch(mode=0o600)
        with output.open("w", encoding="utf-8") as file:
            yield file
