"""Commands whose mistakes are one sentence and whose help shows examples."""

from __future__ import annotations

import logging
import os
import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.db import DatabaseError, InterfaceError

from conversations.errors import MemoryUnavailable
from triage.errors import TriageError

NO_TABLES = ("no such table", "no such column", "does not exist")


class ExamplesFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Leaves the lines of the epilogue as they are."""


class PlainCommand(BaseCommand):
    """`examples`: lines below the help, each a command and what it is for."""

    examples = ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        epilog = f"examples:\n{self.examples}" if self.examples else None
        return super().create_parser(prog_name, subcommand, epilog=epilog, formatter_class=ExamplesFormatter, **kwargs)

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            with one_sentence():
                return super().execute(*args, **options)
        except BrokenPipeError:  # whoever read us, `head` perhaps, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)


@contextmanager
def one_sentence() -> Iterator[None]:
    """What goes wrong on purpose, or because a part is away, becomes a CommandError."""
    try:
        yield
    except TriageError as error:
        raise CommandError(_sentence(error)) from error
    except MemoryUnavailable as error:
        raise CommandError(f"{error}. `python manage.py up` brings one; else see REDIS_URL.") from error
    except (DatabaseError, InterfaceError) as error:
        raise CommandError(_about_database(error)) from error


def _sentence(error: TriageError) -> str:
    return " ".join([error.detail.rstrip(".") + ".", *error.fields.values()])


def _about_database(error: Exception) -> str:
    reason = " ".join(str(error).split())
    if any(sign in reason for sign in NO_TABLES):
        return "The database is not migrated: run `python manage.py migrate` and `python manage.py flows load` first."
    return f"The database does not do its work: {reason}"


def hush_logs(verbosity: int) -> None:
    """Where a person reads, warnings of the machinery stay away; `-v 2` brings them back."""
    if verbosity < 2:
        for name in ("triage", "conversations"):
            logging.getLogger(name).setLevel(logging.ERROR)
        # It logs an error when a loop ends while it unsubscribes, which every command's loop does.
        logging.getLogger("channels_redis").setLevel(logging.CRITICAL)
