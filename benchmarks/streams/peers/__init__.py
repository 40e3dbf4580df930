"""The servers that are compared. Ours come first: the first of them that takes part is what ratios refer to."""

from __future__ import annotations

from benchmarks.streams.peers.base import Peer
from benchmarks.streams.peers.eventstream import EVENTSTREAM
from benchmarks.streams.peers.nchan import NCHAN
from benchmarks.streams.peers.ours import DAPHNE, GRANIAN, UVICORN, UVICORN_PLAIN
from benchmarks.streams.peers.predecessor import PREDECESSOR

PEERS: dict[str, Peer] = {
    peer.name: peer for peer in (UVICORN, UVICORN_PLAIN, GRANIAN, DAPHNE, PREDECESSOR, EVENTSTREAM, NCHAN)
}

__all__ = ["PEERS", "Peer"]
