"""Past cases from a CSV file as spreadsheets write it. A file that cannot be read is InvalidInput, line by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.batches.reading import DELIMITERS, NO_DELIMITER, encoding_of
from triage.errors import InvalidInput
from triage.evaluation.cases import Case
from triage.flows.schema import LEVELS, URGENCIES

LONGEST_CELL = 200_000  # characters; the csv module's own limit is 131,072
NAMED = 10  # lines of an error that are named one by one


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column says what. `language` is used for every row where no column says it."""

    text: str = "text"
    label: str = "category"
    language_column: str | None = None
    urgency: str | None = None
    level: str | None = None
    language: str | None = None

    @property
    def names(self) -> list[str]:
        wanted = (self.text, self.label, self.language_column, self.urgency, self.level)
        return [name for name in wanted if name]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a flow lets rows say; None: anything."""

    labels: Sequence[str] | None = None
    languages: Sequence[str] | None = None


def read_cases(path: Path, columns: Columns, allowed: Allowed, *, skip_bad: bool = False) -> tuple[list[Case], int]:
    """The cases, and how many rows were left out (`skip_bad`). Raises InvalidInput, which names the bad lines."""
    cases, bad = [], []
    for line, row in _rows(path, columns.names):
        case = _case(row, columns)
        if problem := _problem(case, allowed):
            bad.append(f"line {line}: {problem}")
        else:
            cases.append(case)
    if bad and not skip_bad:
        more = f"; and {len(bad) - NAMED} more" if len(bad) > NAMED else ""
        raise InvalidInput(f"{path}: {'; '.join(bad[:NAMED])}{more}. Correct them, or leave them out with --skip-bad.")
    if not cases:
        raise InvalidInput(f"{path}: there is no case in this file.")
    return cases, len(bad)


def _case(row: dict[str, str], columns: Columns) -> Case:
    return Case(
        text=row[columns.text],
        label=row[columns.label],
        language=row[columns.language_column] if columns.language_column else columns.language,
        urgency=row[columns.urgency] if columns.urgency else None,
        level=row[columns.level] if columns.level else None,
    )


def _problem(case: Case, allowed: Allowed) -> str:
    """What is wrong with a row, or nothing."""
    if not case.text:
        return "the text is empty"
    if not case.label:
        return "the category is empty"
    known: list[tuple[str, str | None, Sequence[str] | None]] = [
        ("category", case.label, allowed.labels),
        ("language", case.language, allowed.languages),
        ("urgency", case.urgency, URGENCIES),
        ("complexity", case.level, LEVELS),
    ]
    for name, value, values in known:
        if values is not None and value is not None and value not in values:
            return f"{value[:40]!r} is no {name} ({', '.join(values)})"
    return ""


def _rows(path: Path, wanted: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with the line it begins at; lines without any word are passed over."""
    text = _text_of(path)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter_of(text.partition("\n")[0]), strict=True)
    line, limit = 1, csv.field_size_limit(LONGEST_CELL)
    try:
        places = _places(path, [name.strip() for name in next(rows, [])], wanted)
        while True:
            line = rows.line_num + 1
            row = next(rows, None)
            if row is None:
                return
            if any(cell.strip() for cell in row):
                yield line, {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
    except csv.Error as error:
        raise InvalidInput(f"{path}: line {line}: this is not CSV ({error}).") from error
    finally:
        csv.field_size_limit(limit)


def _delimiter_of(header: str) -> str:
    return max(DELIMITERS, key=header.count) if any(mark in header for mark in DELIMITERS) else NO_DELIMITER


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            encoding = encoding_of(file)
            text = file.read().decode(encoding)
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: this is not a text file.") from error
    if "\0" in text:
        raise InvalidInput(f"{path}: this is not a text file. A workbook has to be saved as CSV first.")
    return text


def _places(path: Path, header: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    """Where the wanted columns stand. Raises InvalidInput, which lists those that are there."""
    if not header:
        raise InvalidInput(f"{path}: the file is empty.")
    there = ", ".join(header)
    for name in wanted:
        if name not in header:
            raise InvalidInput(f"{path}: there is no column '{name}'; the first line names: {there[:300]}.")
        if header.count(name) > 1:
            raise InvalidInput(f"{path}: the column '{name}' stands twice in the first line.")
    return {name: header.index(name) for name in wanted}
