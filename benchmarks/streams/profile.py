"""py-spy beside a server of ours, when asked for: where its time goes, a stack a line with its count of samples."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.streams.stage import Running

RATE = 200  # samples a second


@contextmanager
def profiled(host: Running, workload: str) -> Iterator[None]:
    """Sampling costs the server time of its own: figures of such a run say little."""
    if not host.stage.profile or not host.peer.is_ours:
        yield
        return
    with sampled(host.pid, Path(host.stage.profile) / f"{workload}-{host.peer.name}.txt"):
        yield


@contextmanager
def sampled(pid: int, output: Path) -> Iterator[None]:
    options = f"--pid {pid} --subprocesses --rate {RATE} --duration 120 --format raw".split()
    sampler = subprocess.Popen(
        [str(Path(sys.executable).with_name("py-spy")), "record", *options, "--output", str(output)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        sampler.send_signal(signal.SIGINT)  # upon which it writes what it has
        sampler.wait()
