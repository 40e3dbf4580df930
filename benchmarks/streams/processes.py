"""Processes of a benchmark: started, asked by /proc what they use, ended."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from triage_project.child import end, spawn, wait_until

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 30.0
STOP_SECONDS = 8.0
PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
THREADS = re.compile(r"^Threads:\s+(\d+)", re.MULTILINE)


class Program:
    """A helper program of ours that speaks JSON lines; it ends with its block."""

    def __init__(self, module: str, environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
            )

    def tell(self, order: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"A helper ended without an answer:\n{self._log.read_text()[-3000:]}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def go(self) -> dict[str, Any]:
        self.tell({})
        return self.answer()

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


@contextmanager
def server(command: Sequence[str], environment: Mapping[str, str], port: int, log: Path) -> Iterator[int]:
    """The server's process id, once it accepts connections."""
    with log.open("ab") as output:
        process = spawn(command, environment=environment, output=output)
    try:
        wait_until(lambda: accepts(port) or process.poll() is not None, START_SECONDS)
        if process.poll() is not None or not accepts(port):
            raise RuntimeError(f"{command[0]} does not start:\n{log.read_text()[-3000:]}")
        yield process.pid
    finally:
        end([process], STOP_SECONDS)


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def tree(root: int) -> list[int]:
    """The process and all below it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        if (fields := _stat(int(folder.name))) is not None:
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def cpu_seconds(root: int) -> float:
    """Of the process and all below it, in user and system mode, threads and ended children included."""
    return sum(sum(map(int, fields[11:15])) for pid in tree(root) if (fields := _stat(pid))) / TICKS


def pss_kb(root: int) -> int:
    """Memory of the process and all below it; what they share is counted once."""
    return sum(_found(PSS, Path(f"/proc/{pid}/smaps_rollup")) for pid in tree(root))


def threads(root: int) -> int:
    return sum(_found(THREADS, Path(f"/proc/{pid}/status")) for pid in tree(root))


def open_files(root: int, name: str) -> int:
    """How often the processes hold the file `name` open."""
    held = 0
    for pid in tree(root):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            try:
                held += str(link.readlink()) == name
            except OSError:
                continue
    return held


def _stat(pid: int) -> list[str] | None:
    """From the state on; the name before it may contain anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None


def _found(pattern: re.Pattern[str], path: Path) -> int:
    try:
        match = pattern.search(path.read_text())
    except OSError:
        return 0
    return int(match[1]) if match else 0
