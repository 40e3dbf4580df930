"""`manage.py evaluate_flow --data`: past cases are dealt, asked, learnt and made examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from triage.flows.loader import read_flow
from triage.tests.measuring import csv_file, evaluate, flow_file, measured, past_cases


def test_the_same_seed_deals_alike_and_another_does_not(tmp_path: Path) -> None:
    path = past_cases(tmp_path)
    asked = ("--data", path, "--text", "said", "--label", "area", "--shots", "2", "--seed")

    def bins(seed: str) -> Any:
        return measured(tmp_path, *asked, seed)["approaches"][0]["parts"][0]["bins"]

    assert bins("1") == bins("1")
    assert bins("1") != bins("2")


def test_few_shots_learn_so_many_of_each_category_in_every_round(tmp_path: Path) -> None:
    path = past_cases(tmp_path)
    words = ("--data", path, "--text", "said", "--label", "area", "--shots", "3", "--repeats", "4")
    part = measured(tmp_path, *words)["approaches"][0]["parts"][0]
    assert (part["kind"], part["learnt"], part["n"], len(part["rounds"])) == ("shots", 6, 4, 4)
    assert part["accuracy"] == pytest.approx(sum(one["accuracy"] for one in part["rounds"]) / 4)
    assert part["right"]["n"] == 4  # asking the same cases again makes nothing surer


def test_a_test_file_is_asked_and_never_learnt(tmp_path: Path) -> None:
    train = past_cases(tmp_path)
    test = csv_file(tmp_path, [("said", "area"), ("worn brakes and chain", "wear"), ("I fell", "crash")], "test.csv")
    words = ("--data", train, "--text", "said", "--label", "area", "--test", test)
    part = measured(tmp_path, *words)["approaches"][0]["parts"][0]
    assert (part["kind"], part["learnt"], part["n"], part["accuracy"]) == ("test", 10, 2, 1.0)


def test_a_flow_is_measured_before_and_after_it_learnt_past_cases(tmp_path: Path) -> None:
    strange = [(f"{word} thing {number}", "wear") for number, word in enumerate(["zig"] * 5)]
    other = [(f"{word} thing {number}", "crash") for number, word in enumerate(["zag"] * 5)]
    past = csv_file(tmp_path, [("text", "category"), *strange, *other])
    parts = measured(tmp_path, flow_file(tmp_path), "--data", past, "--language", "en")["approaches"][0]["parts"]
    before, after = parts
    assert (before["kind"], before["learnt"], after["kind"], after["n"]) == ("own_cases", 20, "cross_validated", 10)
    assert before["accuracy"] < after["accuracy"] == 1.0


def test_past_cases_become_examples_in_the_flows_folder(tmp_path: Path) -> None:
    path = flow_file(tmp_path)
    folder = path.with_suffix("")
    folder.mkdir()
    rows = [
        ("text", "category"),
        ("I hit a lamp post", "crash"),
        ("the saddle is worn", "wear"),
        ("worn chain", "wear"),
    ]
    rows += [("I hit a tree", "crash")]
    taught = folder / "past.yaml"
    output = evaluate(path, "--data", csv_file(tmp_path, rows), "--language", "en", "--teach", taught)
    assert "3 examples" in output  # one is held out, and stays so
    assert read_flow(path).examples["crash"]["en"][-2:] == ["I hit a lamp post", "I hit a tree"]
    with pytest.raises(CommandError, match="exists already"):
        evaluate(path, "--data", csv_file(tmp_path, rows), "--language", "en", "--teach", taught)


def test_undertriage_and_overtriage_are_counted_where_the_urgency_is_known(tmp_path: Path) -> None:
    rows = [
        ("text", "category", "urgency"),
        ("I bleed after the crash", "crash", "critical"),
        ("I fell", "crash", "high"),
        ("worn chain, no hurry", "wear", "low"),
        ("worn brakes", "wear", "normal"),
    ]
    words = ("--data", csv_file(tmp_path, rows), "--language", "en", "--urgency", "urgency", "--rules")
    found = measured(tmp_path, flow_file(tmp_path), *words, "--costs", "undertriage=8,overtriage=2")["levels"][
        "urgency"
    ]
    assert (found["under"]["part"], found["over"]["part"], found["under"]["n"]) == (1, 1, 4)
    assert found["cost"] == pytest.approx((8 + 2) / 4)


def test_a_file_from_excel_in_brazil_is_read(tmp_path: Path) -> None:
    path = tmp_path / "past.csv"
    rows = "".join(f"não, não {n};{label}\r\n" for n, label in enumerate(["água", "pão"] * 3))
    path.write_bytes(f"texto;área\r\n{rows}".encode("cp1252"))
    assert "6 cases asked" in evaluate("--data", path, "--text", "texto", "--label", "área")
