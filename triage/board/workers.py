"""Workers as their heartbeats and the leases of runs tell: who is there, of what it is made, and what it works on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from triage.board.presence import Presence, Process
from triage.board.runs import seconds_between
from triage.board.shapes import ProcessFigure, RunFigure, WorkerFigure


def worker_figures(present: Sequence[Presence], running: Sequence[RunFigure], now: datetime) -> list[WorkerFigure]:
    """Those that gave a sign, then those that only leases tell of: they vanished, or Redis is away."""
    held = {(worker_of(run.worker), pid_of(run.worker)): run for run in running}
    figures = [_present(one, held, now) for one in present]
    known = {one.name for one in present}
    names = sorted({name for name, _pid in held if name not in known})
    return figures + [_from_leases(name, held, now) for name in names]


def worker_of(owner: str) -> str:
    """`host:pid@name` → `@name`, which all processes of one worker have in common."""
    _, at, name = owner.rpartition("@")
    return f"{at}{name}"


def pid_of(owner: str) -> int:
    pid = owner.rpartition("@")[0].rpartition(":")[2]
    return int(pid) if pid.isascii() and pid.isdigit() else 0


Held = dict[tuple[str, int], RunFigure]


def _present(one: Presence, held: Held, now: datetime) -> WorkerFigure:
    pids = {child.pid for child in one.children} | {one.main.pid}
    lost = [Process(pid, None) for name, pid in held if name == one.name and pid not in pids]
    known = [process.memory_mb for process in [one.main, *one.children] if process.memory_mb is not None]
    return WorkerFigure(
        name=one.name,
        node=one.node,
        is_present=True,
        queues=one.queues,
        started_at=one.started_at,
        memory_mb=sum(known) if known else None,
        main=ProcessFigure(one.main.pid, one.main.memory_mb),
        processes=[_process(child, held.get((one.name, child.pid)), now) for child in [*one.children, *lost]],
    )


def _from_leases(name: str, held: Held, now: datetime) -> WorkerFigure:
    mine = [(pid, run) for (worker, pid), run in sorted(held.items()) if worker == name]
    return WorkerFigure(
        name=name,
        node=mine[0][1].worker.rpartition(":")[0],
        is_present=False,
        queues=[],
        started_at=None,
        memory_mb=None,
        main=None,
        processes=[_process(Process(pid, None), run, now) for pid, run in mine],
    )


def _process(process: Process, run: RunFigure | None, now: datetime) -> ProcessFigure:
    if run is None:
        return ProcessFigure(process.pid, process.memory_mb)
    return ProcessFigure(
        pid=process.pid,
        memory_mb=process.memory_mb,
        run_id=run.run_id,
        case_id=run.case_id,
        lease_left=seconds_between(now, run.lease_until),
        busy=seconds_between(run.started_at, now),
    )
