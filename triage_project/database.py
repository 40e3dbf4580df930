"""Bring the database to what this code expects."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandError, call_command
from django.db import Error, connections

from triage_project.child import CannotStart


def prepare_database() -> None:
    """Migrations and the catalogue's flows; both do nothing when nothing is new."""
    try:
        _run("The database cannot be migrated", "migrate", interactive=False, skip_checks=True)
        _run("The flows cannot be loaded", "flows", "load")
    finally:
        connections.close_all()


def _run(failure: str, *command: str, **options: Any) -> None:
    try:
        call_command(*command, verbosity=0, **options)
    except (CommandError, Error) as error:
        raise CannotStart(f"{failure}: {' '.join(str(error).split())}") from error
