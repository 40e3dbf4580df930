"""What `serve` runs: the application, whose models load while nobody waits for them."""

from __future__ import annotations

import threading

import structlog
from django.conf import settings
from django.db import DatabaseError, connections

from triage_project.asgi import application

# After the application is set up.
from triage import classifiers  # isort: skip

__all__ = ["application"]

log = structlog.get_logger(__name__)


def _warm() -> None:
    try:
        classifiers.warm()
    except DatabaseError as error:
        log.warning("not_warmed", error=type(error).__name__)
    finally:
        connections.close_all()


if settings.TRIAGE_LEARNS:
    threading.Thread(target=_warm, name="warm", daemon=True).start()
