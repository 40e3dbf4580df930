"""Child processes that end with us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

LEASH = Path(__file__).with_name("leash.py")


class CannotStart(Exception):
    """Something must be put right first; the text is one sentence for the person who started us."""


def spawn(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, output: int | IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start `command` on a leash (see leash.py), in a session of its own so that Ctrl-C reaches only us.

    Call it from the main thread: the kernel takes the end of the *thread* that started a child for our end.
    """
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL for the child and for what it started."""
    with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        os.killpg(process.pid, signal.SIGKILL)


def end(processes: Sequence[subprocess.Popen[bytes]], patience: float) -> None:
    """SIGTERM, then after `patience` seconds SIGKILL; when this returns none of them is left."""
    for process in processes:
        process.terminate()
    wait_until(lambda: all(process.poll() is not None for process in processes), patience)
    for process in processes:
        kill_group(process)
        process.wait()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def how_it_ended(returncode: int) -> str:
    if returncode >= 0:
        return f"exit code {returncode}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-returncode).name}"
    return f"killed by signal {-returncode}"
