"""What `manage.py evaluate_flow` cannot measure is refused in words, and names what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError

from triage.tests.measuring import csv_file, evaluate, flow_file, past_cases


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no column 'text'; the first line names: said, area"):
        evaluate("--data", past_cases(tmp_path))


def test_bad_rows_are_named_by_their_lines_and_may_be_left_out(tmp_path: Path) -> None:
    good = [(f"{word} {n}", word) for word in ("one", "two") for n in range(3)]
    path = csv_file(tmp_path, [("text", "category"), ("two\nlines", "one"), ("", "one"), ("x", ""), *good])
    with pytest.raises(CommandError, match=r"line 4: the text is empty; line 5: the category is empty"):
        evaluate("--data", path)
    assert "7 cases asked" in evaluate("--data", path, "--skip-bad")


def test_a_category_that_the_flow_does_not_have_is_named(tmp_path: Path) -> None:
    path = csv_file(tmp_path, [("text", "category"), ("a", "crash"), ("b", "boats")])
    with pytest.raises(CommandError, match="line 3: 'boats' is no category"):
        evaluate(flow_file(tmp_path), "--data", path)


def test_one_category_alone_cannot_be_told_apart(tmp_path: Path) -> None:
    path = csv_file(tmp_path, [("text", "category"), ("a", "one"), ("b", "one")])
    with pytest.raises(CommandError, match="at least two categories"):
        evaluate("--data", path)


def test_a_category_with_a_single_text_is_named(tmp_path: Path) -> None:
    path = csv_file(tmp_path, [("text", "category"), ("a", "one"), ("b", "one"), ("c", "two"), ("C", "two")])
    with pytest.raises(CommandError, match=r"too few: two \(1\)"):
        evaluate("--data", path)


@pytest.mark.parametrize("content", [b"\x00\x01binary\x81", b"\xff\xfea", b"text,category\n\x81\x8d,x\n"])
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "past.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="not a text file"):
        evaluate("--data", path)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "Say which flow"),
        (("--data", "absent.csv"), "No such file"),
        (("--data", "x.csv", "--all"), "--all needs a flow"),
        (("FLOW", "--shots", "3"), "--shots needs --data"),
        (("FLOW", "--costs", "5:1"), "undertriage=5,overtriage=1"),
        (("FLOW", "--folds", "1"), "less than 2"),
        (("absent.yaml",), "cannot be read"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(tmp_path: Path, words: tuple[str, ...], reason: str) -> None:
    path = str(flow_file(tmp_path))
    with pytest.raises(CommandError, match=reason):
        evaluate(*(path if word == "FLOW" else word for word in words))


def test_a_flow_without_examples_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no examples yet"):
        evaluate(flow_file(tmp_path, examples={}))
