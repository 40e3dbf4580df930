"""`python -m benchmarks streams`: which workloads, which servers, how large, how often."""

from __future__ import annotations

import resource
import subprocess
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg
from rich.console import Console

from benchmarks.streams.figure import Figure, median
from benchmarks.streams.peers import PEERS, Peer
from benchmarks.streams.site import postgresql_folder, site
from benchmarks.streams.stage import Stage
from benchmarks.streams.workloads.delivery import many_cases, many_watchers
from benchmarks.streams.workloads.idle import idle_streams
from benchmarks.streams.workloads.reconnect import reconnecting
from benchmarks.streams.workloads.writing import writing

WORKLOADS: dict[str, Callable[[Stage, Peer], Figure]] = {
    "a": many_watchers,
    "b": many_cases,
    "c": idle_streams,
    "d": reconnecting,
}
WRITING = "e"
DATABASES = ("sqlite", "postgresql")
console = Console(stderr=True)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--workload", type=_words([*WORKLOADS, WRITING]), default=[*WORKLOADS, WRITING])
    parser.add_argument("--server", type=_words(list(PEERS)), default=list(PEERS), help=", ".join(PEERS))
    parser.add_argument("--database", type=_words(DATABASES), help="default: sqlite; the write path: both")
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of streams, cases and events")
    parser.add_argument("--seconds", type=float, default=5.0, help="for which events are published")
    parser.add_argument("--rounds", type=int, default=1, help="the median of these is reported")
    parser.add_argument("--window", type=int, default=64, help="connects under way at once; (d): all")
    parser.add_argument("--profile", default="", metavar="FOLDER", help="sample our servers by py-spy; not in (c), (e)")


def _words(allowed: list[str] | tuple[str, ...]) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        words = text.split(",")
        if unknown := set(words) - set(allowed):
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        return words

    return read


def run(options: Namespace) -> list[Figure]:
    """Every figure, in the order in which the tables show them."""
    _raise_file_limit()
    if options.profile:
        Path(options.profile).mkdir(parents=True, exist_ok=True)
    figures: list[Figure] = []
    for database in DATABASES:
        workloads = [name for name in options.workload if database in _databases(options, name)]
        if not workloads:
            continue
        if database == "postgresql" and postgresql_folder() is None:
            console.print("[yellow]PostgreSQL is left out: it is not installed.")
            continue
        try:
            with site(database) as shared:
                stage = Stage(shared, options.scale, options.seconds, options.window, options.profile, _say)
                for name in workloads:
                    figures.extend(_workload(stage, name, options))
        except (RuntimeError, OSError, subprocess.SubprocessError, psycopg.Error) as error:
            console.print(f"{database}: {error!r}", style="red", markup=False)  # what was measured so far is shown
    return sorted(figures, key=lambda figure: figure.workload)


def _databases(options: Namespace, workload: str) -> list[str]:
    return options.database or (list(DATABASES) if workload == WRITING else ["sqlite"])


def _workload(stage: Stage, name: str, options: Namespace) -> list[Figure]:
    if name == WRITING:
        rounds = [writing(stage) for _ in range(options.rounds)]
        return [median(same) for same in zip(*rounds, strict=True)]
    taking_part = [peer for word in options.server if name in (peer := PEERS[word]).workloads and _is_here(peer)]
    measured: dict[str, list[Figure]] = {peer.name: [] for peer in taking_part}
    for number in range(options.rounds):  # servers in turn, so that a slow minute of the machine meets all
        for peer in taking_part:
            _say(f"({name}) round {number + 1} of {options.rounds}: {peer.name}")
            _attempt(partial(WORKLOADS[name], stage, peer), measured[peer.name])
    return [median(rounds) for rounds in measured.values() if rounds]


def _attempt(measure: Callable[[], Figure], into: list[Figure]) -> None:
    """A server that fails is told of and does not end the run."""
    try:
        into.append(measure())
    except (RuntimeError, OSError) as error:
        console.print(str(error), style="red", markup=False)


def _is_here(peer: Peer) -> bool:
    if missing := peer.missing():
        console.print(f"[yellow]{peer.name} is left out: {missing} is not installed (requirements-bench.txt).")
    return not missing


def _say(text: str) -> None:
    console.print(f"[dim]{text}")


def _raise_file_limit() -> None:
    """Children inherit it: every stream is a file on both sides."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
