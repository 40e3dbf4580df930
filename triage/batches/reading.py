"""Files to records, one at a time: CSV as spreadsheets write it, JSON Lines, and XLSX.

Of a CSV or JSON Lines file a few kilobytes are in memory at any time; of an XLSX file its table of shared words
too, which is why its unpacked size has a limit of its own. A record that cannot be read carries its problem, and
reading goes on; a file that cannot be read is InvalidInput.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import PurePath
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _

from conversations import transcript
from triage.errors import InvalidInput

CHUNK = 64 * 1024
LONGEST_LINE = 1024 * 1024  # characters of one line of JSON
UNPACKED = 5  # times the allowed size of the upload
DELIMITERS = ";,\t"
NO_DELIMITER = "\x1f"  # a file of one column: what a person writes is full of commas
NAMES = {"texto": "text", "id": "external_id"}
"""Other names of the columns that every file has."""

Problem = dict[str, str]
"""`code` (`checking.CODES`), and what it is about: `column`, `value`."""


@dataclass(frozen=True, slots=True)
class Record:
    """`line` is where it begins in the file, or its row in a sheet. `values` by column, as words."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    problem: Problem | None = None


def read_records(file: IO[bytes], name: str, columns: Sequence[str]) -> Iterator[Record]:
    """The records of a file whose columns are `columns`. Raises InvalidInput, from the first step on."""
    reader = READERS.get(PurePath(name).suffix.lower())
    if reader is None:
        about = {"kinds": ", ".join(sorted(READERS)), "name": name[:80]}
        raise unreadable(_("Only %(kinds)s files are read, not “%(name)s”.") % about)
    file.seek(0)
    return reader(file, columns)


def unreadable(reason: str) -> InvalidInput:
    return InvalidInput(reason, fields={"file": reason})


def encoding_of(file: IO[bytes]) -> str:
    """UTF-8 if all of it is, else what Excel writes in Brazil. Leaves the file at its beginning."""
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        file.seek(0)
    return "utf-8-sig"


def _read_csv(file: IO[bytes], columns: Sequence[str]) -> Iterator[Record]:
    text, line = _text_of(file), 1
    try:
        delimiter = _delimiter_of(text.readline(CHUNK))
        text.seek(0)
        rows = csv.reader(text, delimiter=delimiter, strict=True)
        header = _header(next(rows, []), columns)
        while True:
            line = rows.line_num + 1
            try:
                row = next(rows)
            except StopIteration:
                return
            if any(cell.strip() for cell in row):
                yield _record(line, header, row)
    except csv.Error as error:
        about = {"line": line, "reason": error}
        raise unreadable(_("Line %(line)s: this is not CSV (%(reason)s).") % about) from error
    except UnicodeError as error:
        raise unreadable(_("This is not a text file.")) from error
    finally:
        text.detach()


def _text_of(file: IO[bytes]) -> io.TextIOWrapper:
    """`detach` it in the end: the file is the caller's."""
    return io.TextIOWrapper(file, encoding=encoding_of(file), newline="")


def _delimiter_of(header: str) -> str:
    return max(DELIMITERS, key=header.count) if any(mark in header for mark in DELIMITERS) else NO_DELIMITER


def _header(cells: Sequence[Any], columns: Sequence[str]) -> list[str]:
    """The names of the columns. Raises InvalidInput, which lists those that are allowed."""
    names = [str(cell).strip() if cell is not None else "" for cell in cells]
    while names and not names[-1]:
        names.pop()
    names = [_column(name) for name in names]
    allowed = _("The columns may be: %(columns)s.") % {"columns": ", ".join(columns)}
    if unknown := [name for name in names if name not in columns]:
        told = _("Unknown columns: %(columns)s.") % {"columns": ", ".join(f"“{name[:40]}”" for name in unknown[:10])}
        raise unreadable(f"{told} {allowed}")
    if "text" not in names:
        told = _("The column “text” is missing in the first line.")
        raise unreadable(f"{told} {allowed}")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise unreadable(_("Columns given twice: %(columns)s.") % {"columns": ", ".join(twice)})
    return names


def _column(name: str) -> str:
    name = name.strip()
    return NAMES.get(name.lower(), name.lower())


def _record(line: int, header: Sequence[str], cells: Sequence[Any]) -> Record:
    if any(cell not in (None, "") for cell in cells[len(header) :]):
        return Record(line, problem={"code": "too_many_fields"})
    values = {name: words for name, cell in zip(header, cells, strict=False) if (words := _words(cell))}
    return Record(line, values)


def _words(value: Any) -> str:
    """A cell as somebody would say it; the readers of slots take it from there."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes") if value.time() != time() else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def _read_jsonl(file: IO[bytes], columns: Sequence[str]) -> Iterator[Record]:
    text = _text_of(file)
    line = 0
    try:
        while words := text.readline(LONGEST_LINE):
            line += 1
            if len(words) == LONGEST_LINE:
                raise unreadable(_("Line %(line)s is too long.") % {"line": line})
            if words.strip():
                yield _parsed(line, words, columns)
    except UnicodeError as error:
        raise unreadable(_("This is not a text file.")) from error
    finally:
        text.detach()


def _parsed(line: int, words: str, columns: Sequence[str]) -> Record:
    try:
        found = json.loads(words)
    except (ValueError, RecursionError):
        return Record(line, problem={"code": "not_json"})
    if not isinstance(found, dict):
        return Record(line, problem={"code": "not_an_object"})
    values: dict[str, str] = {}
    for key, value in found.items():
        name = _column(key)
        if name not in columns or name in values:
            return Record(line, problem={"code": "unknown_column", "column": transcript.storable(key)[:40]})
        if isinstance(value, dict | list):
            return Record(line, problem={"code": "not_one_value", "column": name})
        values[name] = _words(value)
    return Record(line, {name: value for name, value in values.items() if value})


def _read_xlsx(file: IO[bytes], columns: Sequence[str]) -> Iterator[Record]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(file) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > UNPACKED * settings.BATCH_MOST_BYTES:
            raise unreadable(_("This workbook is too big once it is unpacked."))
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=True)
    except InvalidInput:
        raise
    except Exception as error:  # of a broken file openpyxl lets through whatever happens
        raise unreadable(_("This is not an XLSX workbook.")) from error
    try:
        yield from _sheet(book.worksheets[0].iter_rows(values_only=True), columns)
    except InvalidInput:
        raise
    except Exception as error:
        raise unreadable(_("This workbook is damaged.")) from error
    finally:
        book.close()


def _sheet(rows: Iterator[Sequence[Any]], columns: Sequence[str]) -> Iterator[Record]:
    header = _header(next(rows, ()), columns)
    for line, cells in enumerate(rows, start=2):
        if any(cell not in (None, "") for cell in cells):
            yield _record(line, header, cells)


READERS: dict[str, Callable[[IO[bytes], Sequence[str]], Iterator[Record]]] = {
    ".csv": _read_csv,
    ".jsonl": _read_jsonl,
    ".xlsx": _read_xlsx,
}
