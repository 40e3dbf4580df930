"""How far a batch is and what came of its rows; reads only, at any time, whatever is still running."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from django.db.models import Count
from django.utils import translation

from triage.batches.checking import sentence
from triage.batches.models import Batch, BatchRow
from triage.dbthreads import in_db_thread

PAGE = 300  # rows that are read at once
FORMULA = ("=", "+", "-", "@", "\t", "\r")
OVER = ("completed", "failed", "cancelled")
"""States of a case that are its row's a moment later."""
COLUMNS = (
    *("line", "external_id", "case_id", "state", "category", "category_title", "complexity", "urgency", "deadline"),
    *("confidence", "red_flags", "review", "summary", "problems"),
)

Format = Literal["csv", "jsonl"]
CONTENT_TYPES: dict[Format, str] = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows by state."""

    waiting: int = 0
    told: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    skipped: int = 0
    invalid: int = 0

    @property
    def total(self) -> int:
        return sum(asdict(self).values())

    @property
    def to_do(self) -> int:
        """Rows that are told sooner or later, if nobody cancels."""
        return self.waiting + self.told + self.completed + self.failed

    @property
    def done(self) -> int:
        return self.completed + self.failed

    @property
    def percent(self) -> int:
        """Rounded down: 100 means that all is done."""
        return 100 * self.done // self.to_do if self.to_do else 0


def counts_of(batch_ids: Iterable[str]) -> dict[str, Counts]:
    """One query, answered from an index."""
    ids = list(batch_ids)
    found: dict[str, dict[str, int]] = {batch_id: {} for batch_id in ids}
    rows = BatchRow.objects.filter(batch__in=ids).order_by()
    for batch_id, state, count in rows.values_list("batch", "state").annotate(Count("pk")):
        found[batch_id][state] = count
    return {batch_id: Counts(**counts) for batch_id, counts in found.items()}


def problem_rows(batch: Batch, *, after: int = 0, limit: int = PAGE) -> list[BatchRow]:
    """Rows with something to say, by line."""
    rows = batch.rows.filter(state__in=[BatchRow.State.INVALID, BatchRow.State.FAILED], line__gt=after)
    return list(rows.exclude(problems=[]).order_by("line")[:limit])


def sentences(row: BatchRow) -> list[str]:
    """The row's mistakes, in the language that is active."""
    return [sentence(problem) for problem in row.problems]


def page_of(batch: Batch, format_: Format, after: int) -> tuple[str, int | None]:
    """A piece of the download behind line `after` (-1: from its head), and the line it ends with; None at the end."""
    rows = batch.rows.filter(line__gt=after).select_related("case").order_by("line")
    fields = ("line", "external_id", "state", "problems", "batch_id")
    of_case = ("state", "category", "complexity", "urgency", "deadline", "confidence", "red_flags", "result")
    found = list(rows.only(*fields, *(f"case__{name}" for name in of_case))[:PAGE])
    with translation.override(batch.language):
        documents = [_document(row) for row in found]
    head = after < 0
    piece = _as_csv(documents, batch, head=head) if format_ == "csv" else _as_lines(documents)
    return piece, found[-1].line if len(found) == PAGE else None


async def download(batch: Batch, format_: Format) -> AsyncIterator[str]:
    """All of it, in pieces. Asynchronous, since of any other iterator the server would make a list first."""
    after: int | None = -1
    while after is not None:
        piece, after = await in_db_thread(page_of, batch, format_, after)
        yield piece


def _document(row: BatchRow) -> dict[str, Any]:
    case = row.case
    result = case.result if case is not None and case.state == "completed" else None
    return {
        "line": row.line,
        "external_id": row.external_id,
        "case_id": row.case_id,
        "state": case.state if case is not None and case.state in OVER else row.state,
        "category": case.category if case else "",
        "category_title": result["category"]["title"] if result else "",
        "complexity": case.complexity if case else "",
        "urgency": case.urgency if case else "",
        "deadline": case.deadline.isoformat() if case and case.deadline else "",
        "confidence": case.confidence if case else None,
        "red_flags": case.red_flags if case else [],
        "review": result["review"]["reasons"] if result else [],
        "summary": result["summary"] if result else "",
        "problems": row.problems,
        "result": result,
    }


def _as_lines(documents: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)


def _as_csv(documents: Iterable[dict[str, Any]], batch: Batch, *, head: bool) -> str:
    """As Excel opens it by a double click: with a mark of UTF-8, and semicolons where the comma is for decimals."""
    output = io.StringIO()
    writer = csv.writer(output, delimiter=";" if batch.language.startswith("pt") else ",")
    if head:
        output.write("\ufeff")
        writer.writerow(COLUMNS)
    writer.writerows([_cell(name, document[name]) for name in COLUMNS] for document in documents)
    return output.getvalue()


def _cell(name: str, value: Any) -> Any:
    if name == "problems":
        value = " ".join(map(sentence, value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = ", ".join(map(str, value))
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"  # else a spreadsheet would compute what somebody wrote
    return value
