"""One of Django's DATABASES, from its address."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

# A server that vanished without a word is given up after a quarter of a minute.
_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,
}


def database_settings(url: str, *, pool: int, data_dir: Path) -> dict[str, Any]:
    """`pool`: how many connections to PostgreSQL a process keeps; 0: no pool."""
    with warnings.catch_warnings(action="ignore"):  # what it warns of is refused below
        found: dict[str, Any] = environ.Env.db_url_config(url)
    if not found.get("ENGINE"):
        raise ImproperlyConfigured(
            "DATABASE_URL is no address of a database, such as postgres://user:password@host/name"
        )
    given = {**_PATIENCE, **found.get("OPTIONS", {})}  # sslmode and the like, from the URL
    if found["ENGINE"].endswith("sqlite3"):
        # Writers queue at BEGIN instead of failing in the middle; readers never wait for them.
        found["OPTIONS"] = {
            **found.get("OPTIONS", {}),
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
        found["TEST"] = {"NAME": str(data_dir / "test.sqlite3")}
    elif pool:
        # Web only: Celery's children must not inherit a pool.
        found["CONN_HEALTH_CHECKS"] = True
        found["OPTIONS"] = {**given, "pool": {"min_size": 1, "max_size": pool, "timeout": 5}}
    elif found["ENGINE"].endswith("postgresql"):
        found["OPTIONS"] = given
    return found
