"""A conversation's state read and written over the embedded Valkey's Unix socket, and whole turns beside it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from benchmarks import turns
from benchmarks.figures import Figure, figure, latencies
from conversations import memory
from conversations.ids import new_id

CLAIM = "0.12–0.45"
WORDS = (
    "Trabalhei três anos na mesma empresa, fui demitido sem justa causa no dia 3 de março e até agora não "
    "recebi a rescisão nem as férias vencidas. "
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=5, help="the median of these is reported")
    parser.add_argument("--operations", type=int, default=2000, help="reads and writes in each round")
    parser.add_argument("--conversations", type=int, default=500, help="over which they are spread")
    parser.add_argument("--interviews", type=int, default=20, help="whole interviews in each round")


def run(options: Namespace) -> list[Figure]:
    ids = [new_id("conv") for _ in range(options.conversations)]
    body = twenty_turns()
    for conversation_id in ids:
        memory.remember(conversation_id, 1, body)
    client = memory.cache.client.get_client()
    turns.load_flows()
    pings, reads, writes, taken = [], [], [], []
    for _ in range(options.rounds):
        pings.append(latencies(lambda _: client.ping(), options.operations))
        reads.append(latencies(lambda number: _read(ids[number % len(ids)]), options.operations))
        writes.append(latencies(lambda number: memory.remember(ids[number % len(ids)], 1, body), options.operations))
        taken.append(turns.interviews(options.interviews))
    return [
        figure("nothing but a round trip (PING)", pings),
        figure("read a conversation's state", reads, CLAIM),
        figure("write a conversation's state", writes, CLAIM),
        figure("a whole turn, committed with its events", taken),
    ]


def _read(conversation_id: str) -> None:
    if memory.recall(conversation_id, 1) is None:
        raise AssertionError("the benchmark would measure misses")


def twenty_turns() -> dict[str, Any]:
    """A working document as large as a long interview leaves it: about 8 kB of JSON."""
    turn = {"kind": "answer", "at": "2026-03-03T12:00:00+00:00", "text": WORDS}
    reading = {"slot": "dismissed_on", "value": "2026-03-03", "span": [71, 85], "rule": "date"}
    return {
        "turns": [
            {**turn, "message_id": new_id("msg"), "question": f"question_{number}", "readings": [reading]}
            for number in range(20)
        ],
        "asked": [f"question_{number}" for number in range(20)],
        "assessment": {"category": "work", "complexity": {"level": "medium", "score": 41}, "confidence": 0.82},
    }
