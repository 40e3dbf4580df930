"""(d) All clients come back at once, each with a cursor behind its case's log."""

from __future__ import annotations

from benchmarks.figures import percentile
from benchmarks.streams import processes
from benchmarks.streams.figure import Figure
from benchmarks.streams.peers import Peer
from benchmarks.streams.peers.base import Plan
from benchmarks.streams.profile import profiled
from benchmarks.streams.stage import Stage, running

CLIENTS = 1000
HISTORY, BACK = 60, 50
SETTLE = 20.0
"""Seconds: a server may read a thousand logs before it sends the first."""


def reconnecting(stage: Stage, peer: Peer) -> Figure:
    count = stage.scaled(CLIENTS)
    with running(stage, peer) as host, host.load() as load:
        stage.say(f"(d) {peer.name}: {count} logs are written")
        prepared = host.prepare(Plan(streams=count, cases=count, history=HISTORY, back=BACK))
        stage.say(f"(d) {peer.name}: {count} clients at once, {BACK} events behind")
        cpu = processes.cpu_seconds(host.pid)
        with profiled(host, "d"):
            opened = host.connect(load, prepared.requests, window=count)
            received = host.finish(load, count * BACK, SETTLE)
        cpu = processes.cpu_seconds(host.pid) - cpu
    done = [times for *times, seen in received["streams"] if seen == BACK]
    if not done:
        raise RuntimeError(f"{peer.name}: nobody caught up: {opened}")
    return Figure(
        workload="d",
        server=peer.name,
        database=stage.site.database,
        is_ours=peer.is_ours,
        streams=count,
        refused=opened["refused"],
        deliveries=received["deliveries"],
        missing=count * BACK - received["deliveries"],
        duplicates=received["duplicates"],
        disordered=received["disordered"],
        all_caught_up_s=(max(last for _, _, last in done) - min(began for began, _, _ in done)) / 1e9,
        catch_up_p99_ms=percentile([(last - answered) / 1e6 for _, answered, last in done], 99),
        caught_up_from_connect_p99_ms=percentile([(last - began) / 1e6 for began, _, last in done], 99),
        connects_per_s=opened["open"] / opened["seconds"],
        cpu_s=cpu,
        client_cpu_share=received["cpu_share"],
    )
