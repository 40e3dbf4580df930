"""The output of several parts on one terminal, each line under its part's name."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import IO, TextIO

NAME_WIDTH = 8
COLOURS = {"up": "1", "valkey": "35", "web": "36", "worker": "33", "batch": "32", "schedule": "34"}


class Console:
    def __init__(self, output: TextIO = sys.stdout) -> None:
        self._output = output
        self._lock = threading.Lock()
        self._is_coloured = output.isatty() and "NO_COLOR" not in os.environ

    def say(self, text: str, name: str = "up") -> None:
        label = f"{name:{NAME_WIDTH}} |"
        if self._is_coloured:
            label = f"\x1b[{COLOURS.get(name, '0')}m{label}\x1b[0m"
        # A closed terminal or pipe must not stop what we look after.
        with self._lock, suppress(OSError, ValueError):
            for line in text.splitlines() or [""]:
                self._output.write(f"{label} {line}\n")
            self._output.flush()

    def relay(self, name: str, stream: IO[bytes], muted: tuple[str, ...] = ()) -> None:
        """Print what a part says, until it closes its output; lines with a muted text are left out."""

        def read() -> None:
            with stream:
                for raw in stream:
                    line = raw.decode(errors="replace").rstrip()
                    if line and not any(text in line for text in muted):
                        self.say(line, name)

        threading.Thread(target=read, name=f"output of {name}", daemon=True).start()
