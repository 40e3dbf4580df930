"""CSV as spreadsheets write it, JSON Lines and XLSX become the same records; what is broken says where."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from pytest_django import Settings

from triage.batches.reading import Record, read_records
from triage.errors import InvalidInput
from triage.tests.batch_files import csv_file, jsonl_file, xlsx_file

COLUMNS = ["text", "external_id", "damage", "hurt"]


def read(file: Any, name: str = "cases.csv") -> list[Record]:
    return list(read_records(file, name, COLUMNS))


def refusal(file: Any, name: str = "cases.csv") -> str:
    with translation.override("en"), pytest.raises(InvalidInput) as refused:
        read(file, name)
    assert refused.value.fields["file"] == refused.value.detail
    return refused.value.detail


WANTED = [
    Record(2, {"text": "Bati na rua, caí", "external_id": "7", "damage": "1200"}),
    Record(3, {"text": "Não freia"}),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_spreadsheets_csv_whatever_its_encoding_and_separator(encoding: str, mark: str) -> None:
    lines = [["id", "texto", "damage"], ["7", "Bati na rua, caí", "1200"], ["", "Não freia", ""]]
    assert read(csv_file(*(mark.join(line) for line in lines), encoding=encoding)) == WANTED


def test_commas_need_quotes_and_quotes_may_hold_lines() -> None:
    file = csv_file("text,external_id", '"Bati, e', 'caí",1', "", "De novo,2")
    assert read(file) == [
        Record(2, {"text": "Bati, e\ncaí", "external_id": "1"}),
        Record(5, {"text": "De novo", "external_id": "2"}),
    ]


def test_windows_and_old_mac_line_ends() -> None:
    for end in ("\r\n", "\r"):
        assert [row.values for row in read(io.BytesIO(end.join(["text", "a", "b"]).encode()))] == [
            {"text": "a"},
            {"text": "b"},
        ]


def test_one_column_needs_no_separator() -> None:
    assert read(csv_file("TEXT", "One; two, three")) == [Record(2, {"text": "One; two, three"})]


def test_json_lines_with_values_as_json_has_them() -> None:
    file = jsonl_file({"texto": "Caí", "id": 7, "damage": 1200.0, "hurt": True}, {"text": "b", "damage": None})
    assert read(file, "cases.jsonl") == [
        Record(1, {"text": "Caí", "external_id": "7", "damage": "1200", "hurt": "true"}),
        Record(2, {"text": "b"}),
    ]


def test_a_sheet_with_numbers_dates_and_yes_and_no() -> None:
    file = xlsx_file(
        ["texto", "id", "damage", "hurt"],
        ["Caí", 7, 1200.5, True],
        [None, None, None, None],
        ["No dia", datetime(2026, 3, 3), date(2026, 3, 4), False],
    )
    assert read(file, "Casos.XLSX") == [
        Record(2, {"text": "Caí", "external_id": "7", "damage": "1200.5", "hurt": "true"}),
        Record(4, {"text": "No dia", "external_id": "2026-03-03", "damage": "2026-03-04", "hurt": "false"}),
    ]


def test_an_uploaded_file_is_read_like_any_other() -> None:
    assert read(SimpleUploadedFile("cases.csv", csv_file("text", "a").getvalue())) == [Record(2, {"text": "a"})]
    assert read(SimpleUploadedFile("cases.xlsx", xlsx_file(["text"], ["a"]).getvalue()), "a.xlsx") == [
        Record(2, {"text": "a"})
    ]


def test_a_record_that_cannot_be_read_carries_its_problem_and_the_next_is_read() -> None:
    file = io.BytesIO(b'{"text": "a"\n[1]\n{"text": "b", "colour": "red"}\n{"text": ["a"]}\n\n{"text": "c"}\n')
    problems = [(row.line, row.problem) for row in read(file, "cases.jsonl")]
    assert problems == [
        (1, {"code": "not_json"}),
        (2, {"code": "not_an_object"}),
        (3, {"code": "unknown_column", "column": "colour"}),
        (4, {"code": "not_one_value", "column": "text"}),
        (6, None),
    ]
    assert read(csv_file("text", "a,b"))[0].values == {"text": "a,b"}
    assert read(csv_file("text,hurt", "a,yes,more"))[0].problem == {"code": "too_many_fields"}


def test_an_unknown_column_is_refused_with_the_list_of_those_allowed() -> None:
    told = refusal(csv_file("text,colour", "a,red"))
    assert "“colour”" in told
    assert "text, external_id, damage, hurt" in told
    assert "“colour”" in refusal(xlsx_file(["text", "colour"], ["a", "red"]), "cases.xlsx")


def test_what_is_missing_or_given_twice_in_the_head() -> None:
    assert "“text” is missing" in refusal(csv_file("external_id,damage", "1,2"))
    assert "“text” is missing" in refusal(io.BytesIO())
    assert "twice: text" in refusal(csv_file("text,texto", "a,b"))


def test_broken_csv_names_its_line() -> None:
    assert refusal(csv_file("text", "good", '"never closed')).startswith("Line 3:")
    assert refusal(csv_file("text", "x" * 200_000)).startswith("Line 2:")


@pytest.mark.parametrize("name", ["cases.csv", "cases.jsonl", "cases.xlsx"])
@pytest.mark.parametrize("content", [bytes(range(256)) * 40, b"\xff\xfe\x00", b"PK\x03\x04 and no more", b"\x81\x8d"])
def test_what_is_no_such_file_is_refused_or_full_of_problems(name: str, content: bytes) -> None:
    try:
        assert all(row.problem for row in read(io.BytesIO(content), name))
    except InvalidInput as error:
        assert error.fields["file"]


def test_a_damaged_sheet_is_refused() -> None:
    whole = xlsx_file(["text"], *(["words"] for _ in range(100)))
    output = io.BytesIO()
    with zipfile.ZipFile(whole) as given, zipfile.ZipFile(output, "w") as spoiled:
        for part in given.infolist():
            content = given.read(part)
            spoiled.writestr(part, content[: len(content) // 2] if "sheet1" in part.filename else content)
    assert "damaged" in refusal(output, "cases.xlsx")


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(settings: Settings) -> None:
    settings.BATCH_MOST_BYTES = 100_000
    bomb = xlsx_file(["text"], ["a" * 30_000])
    output = io.BytesIO()
    with zipfile.ZipFile(bomb) as given, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in given.infolist():
            packed.writestr(part, given.read(part))
        packed.writestr("xl/huge.xml", b"0" * 10_000_000)
    assert len(output.getvalue()) < 100_000
    assert "too big once it is unpacked" in refusal(output, "cases.xlsx")


def test_other_kinds_of_file_are_refused_by_name() -> None:
    assert "“cases.pdf”" in refusal(io.BytesIO(b"%PDF"), "cases.pdf")
    assert ".csv, .jsonl, .xlsx" in refusal(io.BytesIO(), "cases")


def test_reading_a_long_file_keeps_memory_flat() -> None:
    row = json.dumps({"text": "word " * 200}).encode() + b"\n"
    file = io.BytesIO(row * 10_000)
    tracemalloc.start()
    count = sum(1 for _ in read_records(file, "cases.jsonl", COLUMNS))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 10_000
    assert peak < 1_000_000 < len(file.getvalue())
