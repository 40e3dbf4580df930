"""Files that only their owner may read: keys and local credentials."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Replace `path` at once and with mode 0600, so that no reader sees half of it or it unprotected."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)


def read_or_create(path: Path, make: Callable[[], str]) -> str:
    """The file's text; made and kept on first use. Two processes that start together agree on one.

    In a directory that cannot be written the text is made and not kept: the start-up checks say so.
    """
    try:
        return path.read_text()
    except OSError:
        pass
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
        write_private(draft, make())
        try:
            os.link(draft, path)  # fails when another process was first, whose text then counts
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return path.read_text()
    except OSError:
        return make()
