"""(c) Idle streams in one process: what each costs while nothing happens."""

from __future__ import annotations

import time

from benchmarks.streams import processes
from benchmarks.streams.figure import Figure
from benchmarks.streams.peers import Peer
from benchmarks.streams.peers.base import Plan
from benchmarks.streams.stage import CALM, Stage, running

STREAMS = 5000
HOLD = 10.0
"""Seconds; by then most streams have had a heartbeat."""


def idle_streams(stage: Stage, peer: Peer) -> Figure:
    count = stage.scaled(STREAMS)
    stage.say(f"(c) {peer.name}: {count} streams connect")
    with running(stage, peer) as host, host.load() as load:
        prepared = host.prepare(Plan(streams=count, cases=count))
        memory = processes.pss_kb(host.pid)
        opened = host.connect(load, prepared.requests, stage.window)
        time.sleep(CALM)
        stage.say(f"(c) {peer.name}: idle for {HOLD:g} s")
        cpu = processes.cpu_seconds(host.pid)
        time.sleep(HOLD)
        cpu = processes.cpu_seconds(host.pid) - cpu
        received = host.finish(load, 0)
        return Figure(
            workload="c",
            server=peer.name,
            database=stage.site.database,
            is_ours=peer.is_ours,
            streams=opened["open"],
            refused=opened["refused"],
            closed=received["closed"],
            connects_per_s=opened["open"] / opened["seconds"],
            connect_cpu_ms=1000 * opened["cpu_s"] / max(1, opened["open"]),
            kb_per_stream=(processes.pss_kb(host.pid) - memory) / max(1, opened["open"]),
            threads=processes.threads(host.pid),
            connections=stage.site.connections(host.pid),
            idle_cpu_share=cpu / HOLD,
        )
