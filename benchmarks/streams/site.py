"""What the servers of one run share: data directory, Valkey, and a database, SQLite or a PostgreSQL of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis
from django.conf import settings

from benchmarks.streams.processes import cpu_seconds, free_port, open_files, server
from triage_project.child import wait_until

PROJECT = Path(__file__).resolve().parents[2]
STARTUP = 30.0  # seconds
POOL = 8  # connections of a web process to PostgreSQL


@dataclass(frozen=True, slots=True)
class Site:
    folder: Path
    database: str
    environment: dict[str, str]
    valkey_pid: int
    postgres_pid: int | None = None

    @property
    def valkey_url(self) -> str:
        return f"{settings.REDIS_URL}?db=0"

    def store_cpu_seconds(self) -> float:
        """Of Valkey and PostgreSQL; SQLite's work is the server's own."""
        return cpu_seconds(self.valkey_pid) + (cpu_seconds(self.postgres_pid) if self.postgres_pid else 0.0)

    def connections(self, server_pid: int) -> int:
        """Database connections that the server holds at this moment."""
        if self.database == "sqlite":
            return open_files(server_pid, str(self.folder / "triage.sqlite3"))
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            query = "select count(*) - 1 from pg_stat_activity where datname = 'triage'"
            found = connection.execute(query).fetchone()
        return int(found[0]) if found else 0


@contextmanager
def site(database: str) -> Iterator[Site]:
    """Inside the throwaway installation of every benchmark."""
    folder = Path(settings.DATA_DIR)
    with redis.Redis.from_url(f"{settings.REDIS_URL}?db=0") as client:
        valkey_pid = int(client.info("server")["process_id"])
    environment = {
        **os.environ,
        "ALLOWED_HOSTS": "127.0.0.1",
        "HTTPS": "0",
        "LOG_LEVEL": "WARNING",
        "DRAIN_SECONDS": "0.5",
        "PYTHONPATH": str(PROJECT),
        "BENCHMARK_VALKEY_SOCKET": settings.REDIS_URL.removeprefix("unix://"),
        "BENCHMARK_SQLITE": str(folder / "peer.sqlite3"),
    }
    if database == "sqlite":
        yield Site(folder, database, environment, valkey_pid)
        return
    with postgresql() as (url, pid):
        environment.update(DATABASE_URL=url)
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0", "--skip-checks"]
        subprocess.run(migrate, cwd=PROJECT, env=environment, check=True)
        yield Site(folder, database, environment, valkey_pid, pid)


def postgresql_folder() -> Path | None:
    """Where the newest PostgreSQL's programs are; None: there is none."""
    found = shutil.which("initdb")
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else Path(found).resolve().parent if found else None


@contextmanager
def postgresql() -> Iterator[tuple[str, int]]:
    """A cluster in a temporary directory, as Debian ships it (fsync on): its address and process id."""
    programs, port = postgresql_folder(), free_port()
    if programs is None:
        raise RuntimeError("PostgreSQL is not installed.")
    with tempfile.TemporaryDirectory(prefix="triage-bench-pg-") as name:
        if os.getuid() == 0:  # which PostgreSQL refuses to run as
            shutil.chown(name, "postgres", "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        cluster = f"{name}/data"
        create = [*as_user, str(programs / "initdb"), "-D", cluster, "-A", "trust", "-U", "triage", "-E", "UTF8"]
        subprocess.run(create, check=True, stdout=subprocess.DEVNULL)
        options = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": name}
        words = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        command = [*as_user, str(programs / "postgres"), "-D", cluster, *words]
        with server(command, os.environ, port, Path(name) / "log") as pid:
            address = f"postgres://triage@127.0.0.1:{port}"
            wait_until(lambda: _serves(f"{address}/postgres"), STARTUP)  # it listens before it serves
            with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
                connection.execute("create database triage")
            yield f"{address}/triage", pid


def _serves(address: str) -> bool:
    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError:
        return False
    return True
