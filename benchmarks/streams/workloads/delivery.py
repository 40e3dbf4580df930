"""Live delivery: (a) many watchers of one case, (b) many cases with a stream each."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.figures import percentile
from benchmarks.streams import processes
from benchmarks.streams.figure import Figure
from benchmarks.streams.peers import Peer
from benchmarks.streams.peers.base import Plan
from benchmarks.streams.profile import profiled
from benchmarks.streams.stage import CALM, Stage, expected_deliveries, running


def many_watchers(stage: Stage, peer: Peer) -> Figure:
    return _measure(stage, peer, "a", Plan(streams=stage.scaled(500), cases=1), rate=20.0)


def many_cases(stage: Stage, peer: Peer) -> Figure:
    count = stage.scaled(2000)
    return _measure(stage, peer, "b", Plan(streams=count, cases=count), rate=float(stage.scaled(500)))


def _measure(stage: Stage, peer: Peer, workload: str, plan: Plan, rate: float) -> Figure:
    stage.say(f"({workload}) {peer.name}: starting")
    with running(stage, peer) as host, host.load() as load:
        prepared = host.prepare(plan)
        memory = processes.pss_kb(host.pid)
        stage.say(f"({workload}) {peer.name}: {plan.streams} streams connect")
        opened = host.connect(load, prepared.requests, stage.window)
        time.sleep(CALM)
        grown = processes.pss_kb(host.pid) - memory
        threads, connections = processes.threads(host.pid), stage.site.connections(host.pid)
        count = max(1, round(rate * stage.seconds))
        with host.publisher(prepared.topics, first_seq=plan.history + 1, count=count, rate=rate) as publisher:
            stage.say(f"({workload}) {peer.name}: {rate:g} events/s for {stage.seconds:g} s")
            load.tell({"do": "begin"})
            load.answer()
            cpu, store = processes.cpu_seconds(host.pid), stage.site.store_cpu_seconds()
            with profiled(host, workload):
                report = publisher.go()
                expected = expected_deliveries(prepared, report["published"])
                received = host.finish(load, expected)
            cpu, store = processes.cpu_seconds(host.pid) - cpu, stage.site.store_cpu_seconds() - store
    return Figure(
        workload=workload,
        server=peer.name,
        database=stage.site.database,
        is_ours=peer.is_ours,
        streams=plan.streams,
        missing=expected - received["deliveries"],
        published=report["published"],
        published_per_s=report["published"] / report["seconds"],
        publisher_cpu_s=report["cpu_s"],
        cpu_s=cpu,
        cpu_us_per_delivery=1e6 * cpu / max(1, received["deliveries"]),
        store_cpu_s=store,
        kb_per_stream=grown / max(1, opened["open"]),
        threads=threads,
        connections=connections if peer.is_ours else None,
        **_connecting(opened),
        **_received(received),
    )


def _connecting(opened: dict[str, Any]) -> dict[str, Any]:
    return {
        "refused": opened["refused"],
        "connects_per_s": opened["open"] / opened["seconds"],
        "connect_cpu_ms": 1000 * opened["cpu_s"] / max(1, opened["open"]),
    }


def _received(received: dict[str, Any]) -> dict[str, Any]:
    latencies = received["latencies"]
    return {
        **{name: received[name] for name in ("deliveries", "duplicates", "disordered", "closed")},
        "client_cpu_share": received["cpu_share"],
        "p50_ms": percentile(latencies, 50) if latencies else None,
        "p99_ms": percentile(latencies, 99) if latencies else None,
    }
