"""Bring the database, and outside DEBUG the static files, to what this code expects."""

from __future__ import annotations

from typing import Any

from django.conf import settings
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


def prepare_static_files() -> None:
    """Outside DEBUG pages name static files by their content, which has to be collected first."""
    if not settings.DEBUG:
        _run("The static files cannot be collected", "collectstatic", interactive=False)


def _run(failure: str, *command: str, **options: Any) -> None:
    try:
        call_command(*command, verbosity=0, **options)
    except (CommandError, Error) as error:
        raise CannotStart(f"{failure}: {' '.join(str(error).split())}") from error
