"""A batch on a terminal: what its file has wrong, and how far it is, as far as that is known."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from triage.batches.checking import Checked, sentence
from triage.batches.models import Batch, BatchRow
from triage.batches.results import Counts, counts_of
from triage.terminal.screen import Screen

EVERY = 0.5  # seconds
WINDOW = 30.0  # seconds; the pace is that of the last ones
TOO_SHORT = 3.0  # seconds from which no pace is told
QUIET = 15.0  # seconds without any progress before somebody is told
STEP = 5  # percent from line to line where there is no bar


@dataclass(slots=True)
class Pace:
    """Rows done over time. `clock` is monotonic, in seconds."""

    clock: Callable[[], float] = time.monotonic
    _seen: deque[tuple[float, int]] = field(default_factory=deque)
    _moved_at: float | None = None

    def see(self, done: int) -> None:
        now = self.clock()
        if not self._seen or self._seen[-1][1] != done:
            self._moved_at = now
        self._seen.append((now, done))
        while self._seen[0][0] < now - WINDOW:
            self._seen.popleft()

    @property
    def per_second(self) -> float | None:
        """None while there is too little to go by."""
        (began, first), (now, last) = self._seen[0], self._seen[-1]
        return (last - first) / (now - began) if now - began >= TOO_SHORT and last > first else None

    @property
    def quiet_for(self) -> float:
        return self.clock() - self._moved_at if self._moved_at is not None else 0.0


def follow(batch: Batch, screen: Screen) -> Counts:
    """Show the batch until it does not run any more; returns how it stands then. `batch` is refreshed."""
    pace, shown, warned = Pace(), -STEP, False
    while True:
        batch.refresh_from_db(fields=["state"])
        counts = counts_of([batch.pk])[batch.pk]
        pace.see(counts.done)
        if screen.is_fancy or counts.percent >= shown + STEP or batch.state != Batch.State.RUNNING:
            screen.live_bar(counts.percent, _standing(counts, pace))
            shown = counts.percent
        if batch.state != Batch.State.RUNNING:
            screen.end_bar()
            return counts
        if pace.quiet_for > QUIET and not warned:
            screen.line(f"Nothing was finished for {QUIET:.0f} s. Is a worker running? `manage.py up` brings one.")
        warned = pace.quiet_for > QUIET
        time.sleep(EVERY)


def _standing(counts: Counts, pace: Pace) -> str:
    parts = [f"{counts.done} of {counts.to_do}"]
    parts += [f"{counts.failed} failed"] if counts.failed else []
    if rate := pace.per_second:
        parts += [f"{rate:.1f} a second", f"about {_span((counts.to_do - counts.done) / rate)} left"]
    return " · ".join(parts)


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@dataclass(slots=True)
class Tally:
    """What the rows of a file are found to be, while it is checked."""

    tell: Callable[[str], object]
    rows: int = 0
    invalid: int = 0
    skipped: int = 0

    def see(self, portion: list[Checked]) -> None:
        for row in portion:
            self.rows += 1
            self.skipped += row.state == BatchRow.State.SKIPPED
            if row.state == BatchRow.State.INVALID:
                self.invalid += 1
                self.tell(f"line {row.line}: {' '.join(map(sentence, row.problems))}")

    def __str__(self) -> str:
        good = self.rows - self.invalid - self.skipped
        return f"{self.rows} rows: {good} good, {self.skipped} processed before, {self.invalid} with mistakes"
