"""`manage.py` in processes of its own, as a person would run it."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from django.conf import settings

from triage_project.tests.waiting import wait_until

BOOT_SECONDS = 90.0
INSTALLATION = ("TRIAGE_", "REDIS_URL", "DATABASE_", "SECRET_KEY", "DEBUG", "ALLOWED_HOSTS", "HTTPS")


def environment(**extra: str) -> dict[str, str]:
    """Ours, without what would point at another installation. Learning from the catalogue would cost minutes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(INSTALLATION)}
    return {**kept, "TRIAGE_LEARNS": "false", **extra}


def manage(*words: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """A command from start to end."""
    return subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *words],
        env=environment(**extra),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=BOOT_SECONDS,
        check=False,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def processes() -> dict[int, tuple[int, str]]:
    """Parent and command line of every process that lives (a zombie does not)."""
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = (line.split(None, 3) for line in listing.splitlines())
    return {int(row[0]): (int(row[1]), row[3]) for row in rows if len(row) == 4 and not row[2].startswith("Z")}


def descendants(pid: int) -> set[int]:
    living = processes()
    found: set[int] = set()
    fresh = {pid}
    while fresh:
        fresh = {child for child, (parent, _) in living.items() if parent in fresh}
        found |= fresh
    return found


class Up:
    """A running `up`, everything it printed, and its children."""

    def __init__(self, data_dir: Path, port: int | None = None) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self.output = ""
        self.process = subprocess.Popen(
            [
                *(sys.executable, str(settings.BASE_DIR / "manage.py")),
                *("up", "--data-dir", str(data_dir), "--port", str(self.port)),
            ],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def wait_until_ready(self) -> None:
        wait_until(lambda: "Ctrl-C stops everything" in self.output or not self.is_running(), BOOT_SECONDS)
        assert self.is_running(), self.output

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.output += line

    def is_running(self) -> bool:
        return self.process.poll() is None

    def part(self, pattern: str) -> int:
        """The process id of the direct child whose command line has the pattern."""
        living = processes()
        return next(pid for pid, (up, args) in living.items() if up == self.process.pid and re.search(pattern, args))

    def get(self, path: str, **headers: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def end(self) -> None:
        if self.is_running():
            self.interrupt()
            try:
                self.process.wait(timeout=20)
            finally:
                self.process.kill()
