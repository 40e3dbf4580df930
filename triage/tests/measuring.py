"""Flows and files of past cases that trials are made with, and `manage.py evaluate_flow` run upon them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from django.core.management import call_command

from triage.tests.plain_trainer import plain_trainer
from triage.tests.small_flow import flow_data

CRASH = {
    "pt-BR": [
        "caí na rua ontem",
        "bati no carro",
        "o carro bateu em mim",
        "sofri um acidente feio",
        "batida na esquina",
    ],
    "en": [
        "I fell on the street",
        "a car crashed into me",
        "bad accident today",
        "crashed at the corner",
        "I fell hard",
    ],
}
WEAR = {
    "pt-BR": ["o freio range muito", "a corrente está gasta", "pneu gasto demais", "freio gasto", "tudo range nela"],
    "en": ["the brakes squeak", "my chain is worn", "worn tyres again", "worn brakes", "everything squeaks now"],
}
HELD_OUT = {"crash": {"pt-BR": ["acidente na rua"], "en": ["accident on the street"]}, "wear": {"en": ["worn chain"]}}


def flow_file(folder: Path, **changes: Any) -> Path:
    data = {
        **flow_data(),
        "examples": {"crash": CRASH, "wear": WEAR},
        "held_out": HELD_OUT,
        "out_of_scope": {"pt-BR": ["receita de bolo"], "en": ["what a lovely sunset", "the worn carpet"]},
        **changes,
    }
    path = folder / "bicycles.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


def csv_file(folder: Path, rows: Sequence[Sequence[str]], name: str = "past.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def past_cases(folder: Path, name: str = "past.csv") -> Path:
    rows = [(text, label) for label, lists in (("crash", CRASH), ("wear", WEAR)) for text in lists["en"]]
    return csv_file(folder, [("said", "area"), *rows], name)


def evaluate(*words: str | Path, **options: Any) -> str:
    output = io.StringIO()
    call_command("evaluate_flow", *map(str, words), stdout=output, trainer=plain_trainer, **options)
    return output.getvalue()


def measured(tmp_path: Path, *words: str | Path) -> dict[str, Any]:
    path = tmp_path / "report.json"
    evaluate(*words, "--json", path)
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report
