"""What the board consists of: plain data, the same for the page and for the API. Words are the edges' affair.

Moments are as the database knows them; everything that lasts is in seconds, memory in MB.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class AlertFigure:
    """A critical red flag that nobody has acknowledged. `title` in the case's language."""

    alert_id: int
    case_id: str
    flag: str
    title: str
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class PriorityFigure:
    """`waiting` includes runs that wait for another attempt; `oldest` is how long the first of them has waited."""

    priority: str
    waiting: int
    running: int
    oldest: float | None


@dataclass(frozen=True, slots=True)
class MinuteFigure:
    """A minute that is over, as `board.minutes` counted it."""

    at: datetime
    waiting: int
    running: int
    started: int
    completed: int
    failed: int
    wait_p50: float | None
    wait_p95: float | None


@dataclass(frozen=True, slots=True)
class LaneFigure:
    """`per_minute`: completed, on average of the last five minutes that are counted. The percentiles are those of the
    newest minute of the hour in which anything began; `minutes` are the last hour's, oldest first."""

    lane: str
    waiting: int
    running: int
    oldest: float | None
    dead: int
    per_minute: float
    completed_in_hour: int
    failed_in_hour: int
    wait_p50: float | None
    wait_p95: float | None
    priorities: list[PriorityFigure]
    minutes: list[MinuteFigure]


@dataclass(frozen=True, slots=True)
class ProcessFigure:
    """A process of a worker, and the run that it holds. `lease_left` is below zero when the lease was not renewed."""

    pid: int
    memory_mb: int | None
    run_id: str | None = None
    case_id: str | None = None
    lease_left: float | None = None
    busy: float | None = None


@dataclass(frozen=True, slots=True)
class WorkerFigure:
    """`is_present`: it gave a sign lately. One that is only known from the leases it holds has no node and no main."""

    name: str
    node: str
    is_present: bool
    queues: list[str]
    started_at: datetime | None
    memory_mb: int | None
    main: ProcessFigure | None
    processes: list[ProcessFigure]


@dataclass(frozen=True, slots=True)
class RunFigure:
    """A run. `progress` (percent) and `remaining` are what its people were told last."""

    run_id: str
    case_id: str
    state: str
    lane: str
    priority: str
    attempts: int
    crashes: int
    last_step: str
    error: str
    worker: str
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    next_attempt_at: datetime
    lease_until: datetime | None
    progress: int | None = None
    remaining: int | None = None
    stage: str = ""


@dataclass(frozen=True, slots=True)
class CauseFigure:
    """Failures with the same error at the same step; `last_at` is when the newest of them happened."""

    error: str
    step: str
    count: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchFigure:
    batch_id: str
    file: str
    state: str
    done: int
    to_do: int
    failed: int
    percent: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class JobFigure:
    """A job of the schedule. `next_at`: when it is due; `is_late`: it was due long ago, or no job ever ran, so
    there is no schedule, or no worker that serves it."""

    name: str
    every: float
    last_started_at: datetime | None
    last_finished_at: datetime | None
    milliseconds: int
    outcome: str
    failures: int
    next_at: datetime | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class BreakerFigure:
    provider: str
    state: str
    failures: int
    retry_at: datetime | None
    per_minute: int | None


@dataclass(frozen=True, slots=True)
class SpendingFigure:
    """A paid analyzer on one day. `dollars` leaves out `unpriced` answers; `ms`: of one answer, on average."""

    day: date
    analyzer: str
    answers: int
    tokens: int
    dollars: float
    unpriced: int
    ms: float


@dataclass(frozen=True, slots=True)
class Board:
    """`redis`: whether Redis answers; without it workers are known by their leases alone and circuit breakers not at
    all. Lists are cut; the totals count all."""

    at: datetime
    redis: bool
    alerts: list[AlertFigure]
    more_alerts: bool
    lanes: list[LaneFigure]
    workers: list[WorkerFigure]
    runs: list[RunFigure]
    runs_total: int | None
    dead_letters: list[RunFigure]
    dead_letters_total: int
    dead_causes: list[CauseFigure]
    failures: list[CauseFigure]
    batches: list[BatchFigure]
    schedule: list[JobFigure]
    breakers: list[BreakerFigure]
