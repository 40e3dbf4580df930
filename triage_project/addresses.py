"""One Redis address, told to each library in its own dialect.

`REDIS_URL` is the only setting: `redis://`, `rediss://` (TLS) or `unix://`. Without it the embedded
Valkey of the data directory is meant, on a Unix socket.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

# A Unix socket's path holds 107 characters and a final zero on Linux, 103 on macOS.
SOCKET_PATH_LIMIT = 100
# Anything else would need escapes, which redis-py and kombu undo a different number of times.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")


def socket_path(data_dir: Path) -> Path:
    """Where the embedded Valkey of this data directory listens.

    Beside its data when that path is short and plain; else under a hashed name in a private directory of
    this user below /tmp (not $TMPDIR: two shells with different ones must find the same socket).
    """
    real = os.path.realpath(data_dir)
    path = f"{real}/valkey/valkey.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT and PLAIN_PATH.fullmatch(path):
        return Path(path)
    name = hashlib.sha256(os.fsencode(real)).hexdigest()[:16]
    return Path("/tmp") / f"triage-{os.getuid()}" / f"{name}.sock"


def embedded_url(data_dir: Path) -> str:
    return f"unix://{socket_path(data_dir)}"


def without_password(url: str) -> str:
    """For messages and logs."""
    return re.sub(r"(?<=://)([^:/@]*):[^@/]*@", r"\1:…@", url)


def _query_with(query: str, **values: str | int) -> str:
    kept = [pair for pair in query.split("&") if pair and pair.partition("=")[0] not in values]
    return "&".join([*kept, urlencode(values)])


def database_of(url: str) -> int:
    """The number that the address names (`redis://host/3`, `unix:///path?db=3`), else 0."""
    parts = urlsplit(url)
    named = parse_qs(parts.query).get("db", [""])[0] if parts.scheme == "unix" else parts.path.strip("/")
    return int(named) if named.isdigit() else 0


def cache_url(url: str, database: int | None = None) -> str:
    """For redis-py, django-redis and channels_redis."""
    parts = urlsplit(url)
    database = database_of(url) if database is None else database
    if parts.scheme == "unix":
        # urlunsplit would drop the empty authority that redis-py wants to see.
        return f"unix://{parts.netloc}{parts.path}?{_query_with(parts.query, db=database)}"
    return urlunsplit(parts._replace(path=f"/{database}"))


def broker_url(url: str) -> str:
    """For Celery (kombu): the database after the cache's, so that a cache flush leaves the queues alone."""
    parts = urlsplit(url)
    database = database_of(url) + 1
    if parts.scheme == "unix":
        password = f":{parts.password}@" if parts.password else ""
        return f"redis+socket://{password}{parts.path}?virtual_host={database}"
    query = parts.query
    if parts.scheme == "rediss" and "ssl_cert_reqs" not in query:
        query = _query_with(query, ssl_cert_reqs="required")
    return urlunsplit(parts._replace(path=f"/{database}", query=query))
