"""Files of cases for tests, in the small flow, and batches made of them."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

from triage import orchestrator
from triage.access import SYSTEM, Actor
from triage.batches.results import counts_of
from triage.models import Batch
from triage.tests.loaded_flows import load_small_flow
from triage.tests.small_flow import SMALL

TEXT = "I had a crash on the street"


def csv_file(*lines: str, encoding: str = "utf-8") -> io.BytesIO:
    return io.BytesIO("\n".join(lines).encode(encoding))


def numbered(count: int, text: str = TEXT) -> io.BytesIO:
    """So many good rows with external ids from 1."""
    return csv_file("external_id,text", *(f"{number},{text} {number}" for number in range(1, count + 1)))


def jsonl_file(*rows: Any) -> io.BytesIO:
    return io.BytesIO("".join(json.dumps(row) + "\n" for row in rows).encode())


def xlsx_file(*rows: Sequence[Any]) -> io.BytesIO:
    from openpyxl import Workbook

    book, output = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(output)
    return output


def made_batch(file: io.BytesIO, *, name: str = "cases.csv", actor: Actor = SYSTEM, language: str = "en") -> Batch:
    load_small_flow()
    return orchestrator.create_batch(actor=actor, flow_id=SMALL.id, language=language, file=file, name=name)


def running_batch(count: int, *, actor: Actor = SYSTEM) -> Batch:
    return orchestrator.start_batch(actor=actor, batch_id=made_batch(numbered(count), actor=actor).pk)


def work(runs: int = 1_000_000) -> int:
    """What a worker does in the batch lane, in this process: analyse so many runs at most."""
    taken = 0
    while taken < runs:
        claim = orchestrator.take(lane="batch", owner="test")
        if claim is not None:
            orchestrator.analyse(claim=claim)
            taken += 1
        elif not orchestrator.feed_batches():
            break
    return taken


def states(batch: Batch) -> dict[str, int]:
    counts = counts_of([batch.pk])[batch.pk]
    return {name: count for name in counts.__slots__ if (count := getattr(counts, name))}
