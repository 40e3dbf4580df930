"""What every drawing needs: colours and frames on a terminal, plain lines in a pipe or a log."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, cast

from django.core.management.base import OutputWrapper
from rich.console import Console, Group
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

# Escape sequences, and marks that turn the direction of writing: a client's words must not move a reader's terminal.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
WIDEST = 100  # columns; longer lines are hard to read
BAR_WIDTH = 30

Piece = str | tuple[str, str]
"""Words, or words and their style."""


def printable(text: str) -> str:
    return UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n"))


def row(*pieces: Piece) -> Text:
    """One row; every piece is taken literally, never as markup."""
    made = Text()
    for piece in pieces:
        words, style = (piece, "") if isinstance(piece, str) else piece
        made.append(printable(words), style)
    return made


def console_on(output: OutputWrapper) -> Console:
    """A console on a command's output, below Django's wrapper, which would end every piece with a new line."""
    stream = cast(IO[str], output._out)
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    return Console(file=stream)


@dataclass(frozen=True, slots=True)
class Hanging:
    """A row whose further lines begin under its body, right of the lead."""

    lead: Text
    body: Text

    def __rich__(self) -> Table:
        grid = Table.grid()
        grid.add_column(no_wrap=True)
        grid.add_row(self.lead, self.body)
        return grid

    def as_line(self) -> Text:
        return Text.assemble(self.lead, self.body)


Row = Text | Hanging


def hanging(lead: Piece, *pieces: Piece) -> Hanging:
    return Hanging(row(lead), row(*pieces))


class Screen:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: Progress | None = None
        if console.is_terminal and console.width > WIDEST:
            console.width = WIDEST

    @property
    def is_fancy(self) -> bool:
        return self._console.is_terminal

    def line(self, *pieces: Piece) -> None:
        self._print(row(*pieces))

    def gap(self) -> None:
        """An empty line for the eye; nothing in a log."""
        if self.is_fancy:
            self._console.print()

    def block(self, title: str, rows: Sequence[Row], style: str = "cyan") -> None:
        """Rows under a title: framed, or indented."""
        if self.is_fancy:
            heading = Text(printable(title), f"bold {style}")
            self._console.print(
                Panel(Group(*rows), title=heading, title_align="left", border_style=style, padding=(0, 1))
            )
            return
        self._print(row(title))
        for one in rows:
            text = one.as_line() if isinstance(one, Hanging) else one
            for line in text.split("\n", allow_blank=True):
                self._print(Text("  ").append_text(line) if line else line)

    def bar(self, progress: int, message: str) -> None:
        """How far the case is (0 to 100), as it stands: the next one comes below."""
        if not self.is_fancy:
            self.line(f"{progress} % {message}".rstrip())
            return
        done = BAR_WIDTH * progress // 100
        self.line(
            ("━" * done, "cyan"), ("━" * (BAR_WIDTH - done), "bright_black"), (f" {progress} %  {message}", "dim")
        )

    def live_bar(self, progress: int, message: str) -> None:
        """One bar that moves at the bottom until `end_bar`; whatever is written appears above it."""
        if not self.is_fancy:
            self.line(f"{progress} % {message}")
            return
        if self._progress is None:
            self._progress = Progress(
                BarColumn(BAR_WIDTH),
                TaskProgressColumn(),
                TextColumn("{task.description}", markup=False),
                console=self._console,
                transient=True,
            )
            self._progress.add_task("", total=100)
            self._progress.start()
        self._progress.update(self._progress.task_ids[0], completed=progress, description=printable(message))

    def end_bar(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=not self.is_fancy)
