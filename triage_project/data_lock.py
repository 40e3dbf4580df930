"""One installation at a time in a data directory.

`up.lock` is held by who runs the parts: `up`, or a command that brought its own. Its text says who. Commands
that only use the parts hold `guests.lock` together, so that whoever brought them can wait for the guests.
The kernel frees both when a process ends, however it ends.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from triage_project.child import CannotStart, wait_until

if sys.platform != "win32":
    import fcntl


@dataclass(frozen=True, slots=True)
class Holder:
    """Who runs the parts of a data directory; `url` only when it serves the web."""

    pid: int
    command: str
    url: str = ""


class Occupied(CannotStart):
    """Somebody else runs the parts of this data directory."""

    def __init__(self, data_dir: Path, holder: Holder | None) -> None:
        who = f"`{holder.command}` (process {holder.pid})" if holder else "another process"
        super().__init__(f"{who} already runs on {data_dir}; stop it first or choose another --data-dir.")


def make_data_dir(data_dir: Path) -> None:
    """Ours alone when we make it; one that exists keeps the mode its owner gave it."""
    if sys.platform == "win32":
        raise CannotStart("This runs on Linux and macOS; on Windows use WSL.")
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = data_dir / f".writable.{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(f"The data directory {data_dir} cannot be written: {error.strerror}.") from error


@contextmanager
def holding(data_dir: Path, command: str, url: str = "") -> Iterator[None]:
    """Run the parts of this data directory; raises Occupied."""
    with (data_dir / "up.lock").open("a+") as file:
        # Somebody who only asks (`holder_of`) has it for an instant: that is no reason to give up.
        if not wait_until(lambda: _is_locked(file, fcntl.LOCK_EX), 0.3):
            raise Occupied(data_dir, _read(data_dir))
        file.truncate(0)
        file.write(json.dumps(asdict(Holder(os.getpid(), command, url))))
        file.flush()
        yield


def holder_of(data_dir: Path) -> Holder | None:
    """Who runs the parts now; None when nobody does."""
    try:
        with (data_dir / "up.lock").open("r") as file:
            return None if _is_locked(file, fcntl.LOCK_SH) else _read(data_dir) or Holder(0, "unknown")
    except OSError:
        return None


def _is_locked(file: TextIO, how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(data_dir: Path) -> Holder | None:
    try:
        return Holder(**json.loads((data_dir / "up.lock").read_text()))
    except (OSError, ValueError, TypeError):
        return None


@contextmanager
def among_guests(data_dir: Path) -> Iterator[None]:
    """Use parts that somebody else runs. Waits while their owner is on its way out, so ask `holder_of` then."""
    with (data_dir / "guests.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextmanager
def without_guests(data_dir: Path) -> Iterator[None]:
    """Waits until every guest has gone; new ones wait until the end of the block."""
    with (data_dir / "guests.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
