"""Signs of life of workers and schedule: a file `run/<name>` in the data directory.

Its text is the process id, its time the last heartbeat. Reading one costs nothing, where
`celery inspect ping` costs a second and a connection.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from triage_project.private_file import write_private


def sign_path(data_dir: Path, name: str) -> Path:
    return data_dir / "run" / name


def sign(data_dir: Path, name: str) -> None:
    """This process is ready, or still alive."""
    if has_signed(data_dir, name, os.getpid()):
        sign_path(data_dir, name).touch()
    else:
        write_private(sign_path(data_dir, name), str(os.getpid()))


def has_signed(data_dir: Path, name: str, pid: int) -> bool:
    """Whether this very process has been ready (not an earlier one)."""
    try:
        return sign_path(data_dir, name).read_text() == str(pid)
    except OSError:
        return False


def seconds_since_sign(data_dir: Path, name: str) -> float | None:
    """None when it was never seen."""
    try:
        return max(0.0, time.time() - sign_path(data_dir, name).stat().st_mtime)
    except OSError:
        return None
