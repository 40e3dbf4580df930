"""(e) The write path: events appended as fast as they commit, each in its own transaction, its hint sent."""

from __future__ import annotations

import statistics
from contextlib import ExitStack

from benchmarks.streams.figure import Figure
from benchmarks.streams.peers.base import Plan
from benchmarks.streams.peers.ours import UVICORN
from benchmarks.streams.stage import Stage

SPREAD = 200
WRITERS = (1, 4)
NO_LIMIT = 10**9


def writing(stage: Stage) -> list[Figure]:
    places = (("one hot case", 1), (f"{SPREAD} cases", SPREAD))
    return [_write(stage, where, cases, writers) for where, cases in places for writers in WRITERS]


def _write(stage: Stage, where: str, cases: int, writers: int) -> Figure:
    stage.say(f"(e) {stage.site.database}: {writers} writer(s), {where}")
    topics = UVICORN.prepare(stage.site, 0, Plan(streams=cases, cases=cases, history=0)).topics
    with ExitStack() as stack:
        programs = []
        for number in range(writers):
            start = number * cases // writers  # not all on the same case at the same moment
            order = {"topics": topics[start:] + topics[:start], "first_seq": 1, "count": NO_LIMIT, "rate": 0.0}
            program = UVICORN.publish(stage.site, 0, {**order, "seconds": stage.seconds})
            programs.append(stack.enter_context(program))
        store = stage.site.store_cpu_seconds()
        for program in programs:
            program.tell({})
        reports = [program.answer() for program in programs]
        store = stage.site.store_cpu_seconds() - store
    return Figure(
        workload="e",
        server=where,
        database=stage.site.database,
        writers=writers,
        published=sum(report["published"] for report in reports),
        published_per_s=sum(report["published"] / report["seconds"] for report in reports),
        publisher_cpu_s=sum(report["cpu_s"] for report in reports),
        store_cpu_s=store,
        p50_ms=statistics.median(report["p50_ms"] for report in reports),
        p99_ms=max(report["p99_ms"] for report in reports),
    )
