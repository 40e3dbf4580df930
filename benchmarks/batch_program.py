"""The measuring process of `benchmarks.batches`: one order on standard input, lines of JSON on standard output."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "triage_project.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402 - needs the applications to be ready
from django.db import connection  # noqa: E402

from benchmarks.streams.processes import pss_kb  # noqa: E402
from benchmarks.turns import FLOW, load_flows  # noqa: E402
from triage import orchestrator  # noqa: E402
from triage.access import SYSTEM  # noqa: E402
from triage.batches.results import counts_of  # noqa: E402
from triage.models import Batch, Case, TriageRun  # noqa: E402
from triage.orchestrator import feeding  # noqa: E402
from triage.orchestrator.batching import check_file  # noqa: E402
from triage_project import parts  # noqa: E402
from triage_project.child import end, spawn, wait_until  # noqa: E402

LANGUAGE = "pt-BR"
ALONE = 300  # rows, for what is measured without a worker
LONGEST = 3600.0  # seconds of one batch
PERSONS_ALONE = 20
WORDS = "Meu vizinho me deve R$ 3.000 e não paga."

Figures = dict[str, Any]


def say(**answer: Any) -> None:
    print(json.dumps(answer), flush=True)


def rate(count: int, began: float) -> float:
    return count / (time.perf_counter() - began)


def reading(file: Path) -> tuple[Figures, Batch]:
    before, began = pss_kb(os.getpid()), time.perf_counter()
    with file.open("rb") as opened:
        _, _, portions = check_file(actor=SYSTEM, flow_id=FLOW, language=LANGUAGE, file=opened, name=file.name)
        rows = sum(map(len, portions))
        checked = rate(rows, began)
        began = time.perf_counter()
        batch = orchestrator.create_batch(actor=SYSTEM, flow_id=FLOW, language=LANGUAGE, file=opened, name=file.name)
    figures = {
        "rows": rows,
        "checked_per_s": checked,
        "kept_per_s": rate(rows, began),
        "reader_kb_first": before,
        "reader_kb_last": pss_kb(os.getpid()),
    }
    return figures, batch


def alone(file: Path) -> Figures:
    """Telling and analysing one after the other, in this process."""
    feeding.MOST_UNDER_WAY = ALONE + 1
    lines = file.read_text("utf-8").splitlines()[: ALONE + 1]
    few = file.with_name("few.csv")
    few.write_text("\n".join([lines[0], *(f"few{line}" for line in lines[1:])]), "utf-8")
    with few.open("rb") as opened:
        batch = orchestrator.create_batch(actor=SYSTEM, flow_id=FLOW, language=LANGUAGE, file=opened, name=few.name)
    orchestrator.start_batch(actor=SYSTEM, batch_id=batch.pk)
    began, told = time.perf_counter(), 0
    while now_told := orchestrator.feed_batches():
        told += now_told
    figures = {"told_per_s": rate(told, began)}
    began, analysed = time.perf_counter(), 0
    while (claim := orchestrator.take(lane="batch", owner="benchmark")) is not None:
        orchestrator.analyse(claim=claim)
        analysed += 1
    orchestrator.tend_batches()
    return {**figures, "analysed_per_s": rate(analysed, began)}


@contextmanager
def worker() -> Iterator[int]:
    """One worker with two children; its process id."""
    part = parts.worker(settings.DATA_DIR)
    with (settings.DATA_DIR / "worker.log").open("ab") as output:
        process = spawn(part.command, environment={**os.environ, **part.environment}, output=output)
    try:
        if not wait_until(lambda: part.is_ready(process.pid), 60.0):
            raise RuntimeError("the worker does not start")
        yield process.pid
    finally:
        end([process], 20.0)


def person() -> float:
    """Milliseconds from the end of an interview to its result."""
    opened = orchestrator.open_case(actor=SYSTEM, flow_id=FLOW, language=LANGUAGE, text=WORDS)
    began = time.perf_counter()
    orchestrator.force_complete(actor=SYSTEM, case_id=opened.case_id)
    if not wait_until(lambda: Case.objects.filter(pk=opened.case_id, state=Case.State.COMPLETED).exists(), 60.0):
        raise RuntimeError("a person was not served")
    return (time.perf_counter() - began) * 1000


def whole(batch: Batch, rows: int, every: float, worker_pid: int) -> Figures:
    """Started here, done by the worker; looked at every second."""
    batch = orchestrator.start_batch(actor=SYSTEM, batch_id=batch.pk)
    began, next_person = time.perf_counter(), every
    seen: list[tuple[float, int]] = []
    persons: list[float] = []
    most_waiting, first_kb, told_at = 0, 0, 0
    while batch.state == Batch.State.RUNNING:
        time.sleep(1.0)
        orchestrator.tend_batches()  # as the schedule does, which does not run here
        now, done = time.perf_counter() - began, counts_of([batch.pk])[batch.pk].done
        seen.append((now, done))
        most_waiting = max(most_waiting, TriageRun.objects.filter(state="queued", lane="batch").count())
        if not first_kb and done >= rows // 10:
            first_kb = pss_kb(worker_pid)
        if now >= next_person:
            persons.append(person())
            next_person = now + every
        if done >= told_at + rows // 20:
            say(progress=f"{done} of {rows} after {now:.0f} s")
            told_at = done
        batch.refresh_from_db()
        if now > LONGEST:
            raise RuntimeError("the batch does not end")
    seconds = (batch.finished_at - batch.started_at).total_seconds()  # type: ignore[operator]
    counts = counts_of([batch.pk])[batch.pk]
    if counts.completed != rows:
        raise RuntimeError(f"not every row was completed: {counts}")
    return {
        "seconds": seconds,
        "rows_per_s": rows / seconds,
        "first_tenth_per_s": _pace(seen, 0, rows // 10),
        "last_tenth_per_s": _pace(seen, rows - rows // 10, rows),
        "worker_kb_first": first_kb,
        "worker_kb_last": pss_kb(worker_pid),
        "most_runs_waiting": most_waiting,
        "person_ms_p50": statistics.median(persons) if persons else 0.0,
        "person_ms_worst": max(persons, default=0.0),
        "persons": len(persons),
    }


def _pace(seen: list[tuple[float, int]], first: int, last: int) -> float:
    """Rows per second between the looks that come nearest to these rows."""

    def nearest(wanted: int) -> tuple[float, int]:
        key: Callable[[tuple[float, int]], int] = lambda look: abs(look[1] - wanted)  # noqa: E731
        return min([(0.0, 0), *seen], key=key)

    (began, from_row), (ended, to_row) = nearest(first), nearest(last)
    return (to_row - from_row) / (ended - began) if ended > began else 0.0


def main() -> None:
    order = json.loads(sys.stdin.readline())
    file = Path(order["file"])
    load_flows()
    figures, batch = reading(file)
    say(progress=f"{figures['rows']} rows were checked and kept")
    figures |= alone(file)
    with worker() as pid:
        say(progress="a worker with two children has begun")
        figures["person_alone_ms_p50"] = statistics.median(person() for _ in range(PERSONS_ALONE))
        figures |= whole(batch, figures["rows"], order["every"], pid)
    say(database=connection.vendor, **figures)


if __name__ == "__main__":
    main()
