"""The processes of this benchmark: our worker and schedule as production starts them, plain Celery, and who watches."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from benchmarks.streams.processes import cpu_seconds
from benchmarks.streams.profile import sampled
from triage_project import parts
from triage_project.celery import app
from triage_project.child import end, spawn, wait_until
from triage_project.supervisor import Part

START_SECONDS = 90.0
STOP_SECONDS = 20.0
CHILDREN = 2
PLAIN = "benchmarks.runs.plain"


def begin(part: Part, **environment: str) -> subprocess.Popen[bytes]:
    """Started, and ready."""
    log = settings.DATA_DIR / f"benchmark-{part.name}.log"
    with log.open("ab") as output:
        process = spawn(part.command, environment={**os.environ, **part.environment, **environment}, output=output)
    wait_until(lambda: part.is_ready(process.pid) or process.poll() is not None, START_SECONDS)
    if process.poll() is not None or not part.is_ready(process.pid):
        end([process], STOP_SECONDS)
        raise RuntimeError(f"{part.name} does not start:\n{log.read_text()[-3000:]}")
    return process


@contextmanager
def running(part: Part, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = begin(part, **environment)
    try:
        yield process
    finally:
        end([process], STOP_SECONDS)


def ours() -> Part:
    """One worker with two children, for people's lane and the schedule's, as `up` starts it."""
    return parts.worker(settings.DATA_DIR)


def plain() -> Part:
    """With Celery's own settings (four messages ahead, children that stay); only late acknowledgement is asked for."""
    options = ["--concurrency", str(CHILDREN), "--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    command = [sys.executable, "-m", "celery", "--quiet", "-A", PLAIN, "worker", *options]
    ready = settings.DATA_DIR / "plain.ready"
    ready.unlink(missing_ok=True)
    environment = {**parts.environment(settings.DATA_DIR), "BENCHMARK_READY": str(ready)}
    return Part(name="plain", command=command, environment=environment, is_ready=lambda _: ready.exists())


def waiting_messages(queue: str) -> int:
    with app.connection_for_read() as connection:
        channel: Any = connection.default_channel
        return int(channel._size(queue))  # declaring it passively fails where it is empty


class Pace:
    """How quickly something gets done and what it costs, from its first tenth on: before, processes only warm up."""

    def __init__(self, worker: int, stores: list[int]) -> None:
        self._worker, self._stores = worker, stores

    def _look(self, done: int) -> tuple[float, int, float, float]:
        return time.perf_counter(), done, cpu_seconds(self._worker), sum(map(cpu_seconds, self._stores))

    def follow(self, done: Iterator[int], count: int) -> dict[str, float]:
        """`done` tells how many are done by now; per minute, and milliseconds of CPU each."""
        began = None
        for number in done:
            if began is None and number >= count // 10:
                began = self._look(number)
            if number >= count:
                break
            time.sleep(0.05)
        assert began is not None
        seconds, more, worker, store = (late - early for late, early in zip(self._look(count), began, strict=True))
        return {
            "per_min": 60 * more / seconds,
            "worker_ms": 1000 * worker / more,
            "store_ms": 1000 * store / more,
        }


@contextmanager
def profiled(pid: int, folder: str, name: str) -> Iterator[None]:
    if not folder:
        yield
        return
    with sampled(pid, Path(folder) / f"{name}.txt"):
        yield
