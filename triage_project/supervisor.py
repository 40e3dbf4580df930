"""Keeps parts running: starts them, says when one dies, starts it again, ends all of them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from triage_project.child import CannotStart, end, how_it_ended, kill_group, spawn
from triage_project.console import Console

BACKOFF = (1, 2, 4, 8, 16, 30)  # seconds before the next start, by how often it died in a row
STEADY_SECONDS = 60.0  # who lived this long starts counting from the beginning
READY_SECONDS = 120.0
FUTILE_STARTS = 3  # so many ends before the first start has succeeded, and it is given up
STOP_SECONDS = 8.0  # for web, workers and schedule
LAST_STOP_SECONDS = 1.5  # for what the others lean on
TICK_SECONDS = 0.1


class StopAsked(Exception):
    """The way out of whatever `up` is doing, to an orderly end."""


@dataclass(frozen=True)
class Part:
    """`is_ready` is asked with the process id until it says yes, and must answer within about a second."""

    name: str
    command: Sequence[str]
    is_ready: Callable[[int], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    muted: tuple[str, ...] = ()
    stops_last: bool = False


@dataclass
class _Run:
    """A part's present process, or the time of its next one."""

    part: Part
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    starts_at: float = 0.0
    asks_at: float = 0.0
    deaths: int = 0
    is_ready: bool = False


class Supervisor:
    """All of it happens in the main thread (see `spawn`), in `tick`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._runs: list[_Run] = []
        self._is_asked_to_stop = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Until the block ends or somebody asks to stop; afterwards none of the parts is left.

        Ctrl-C, SIGTERM or a closed terminal ask to stop, kindly. A second one does not wait for anybody
        and becomes a KeyboardInterrupt.
        """
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = [signal.signal(number, self._on_signal) for number in numbers]
        try:
            try:
                yield
            except StopAsked:
                self._console.say("stopping")
            finally:
                self._stop()
        except KeyboardInterrupt:
            self._kill()
            raise
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._is_asked_to_stop:
            raise KeyboardInterrupt
        self._is_asked_to_stop = True

    def heed(self) -> None:
        """Raises StopAsked once somebody asked; for long steps between two ticks."""
        if self._is_asked_to_stop:
            raise StopAsked

    def start(self, *parts: Part) -> None:
        for part in parts:
            run = _Run(part)
            self._runs.append(run)
            self._spawn(run)

    def _spawn(self, run: _Run) -> None:
        run.started_at = run.asks_at = time.monotonic()
        run.process = spawn(
            run.part.command, environment={**os.environ, **run.part.environment}, output=subprocess.PIPE
        )
        if run.process.stdout:
            self._console.relay(run.part.name, run.process.stdout, run.part.muted)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while waiting := [run.part.name for run in self._runs if not run.is_ready]:
            if futile := [run.part.name for run in self._runs if run.deaths >= FUTILE_STARTS]:
                raise CannotStart(f"{' and '.join(futile)} cannot be started; the lines above say why.")
            if time.monotonic() > deadline:
                names = " and ".join(waiting)
                raise CannotStart(f"Not ready within {READY_SECONDS:.0f} s: {names}; the lines above say why.")
            self.tick()

    def watch(self) -> None:
        """Until somebody asks to stop, which raises StopAsked."""
        while True:
            self.tick()

    def tick(self) -> None:
        self.heed()
        for run in self._runs:
            if run.process is None:
                if time.monotonic() >= run.starts_at:
                    self._spawn(run)
            elif run.process.poll() is not None:
                self._mourn(run, run.process)
            elif not run.is_ready:
                self._ask(run, run.process.pid)
        time.sleep(TICK_SECONDS)

    def _ask(self, run: _Run, pid: int) -> None:
        """Whether it is ready: often at first, then less, as a part may say in ten lines that it is not."""
        now = time.monotonic()
        if now < run.asks_at:
            return
        run.asks_at = now + min((now - run.started_at) / 5, 1.0)
        run.is_ready = run.part.is_ready(pid)
        if run.is_ready and run.deaths:
            self._console.say(f"{run.part.name} is back")

    def _mourn(self, run: _Run, process: subprocess.Popen[bytes]) -> None:
        kill_group(process)  # what it started must not work on beside its successor
        now = time.monotonic()
        run.deaths = run.deaths + 1 if now - run.started_at < STEADY_SECONDS else 1
        delay = BACKOFF[min(run.deaths, len(BACKOFF)) - 1]
        run.process, run.starts_at, run.is_ready = None, now + delay, False
        ended = how_it_ended(process.returncode)
        self._console.say(f"{run.part.name} ended unexpectedly ({ended}); it starts again in {delay} s")

    def _stop(self) -> None:
        """Within ten seconds; what the others lean on comes last."""
        for is_last, patience in ((False, STOP_SECONDS), (True, LAST_STOP_SECONDS)):
            end([run.process for run in self._runs if run.process and run.part.stops_last is is_last], patience)
        self._runs.clear()

    def _kill(self) -> None:
        end([run.process for run in self._runs if run.process], 0)
        self._runs.clear()
