"""`manage.py evaluate_flow`: measures a flow or past cases, says so in words, and refuses what cannot be measured."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from django.core.management import CommandError, call_command

from triage.flows.loader import load_flow, read_flow
from triage.tests.plain_trainer import PlainClassifier, Rules, Told, plain_trainer
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


class Tags(HTMLParser):
    """Complains about tags that are not closed in their order, and keeps addresses that a page would fetch."""

    VOID = ("meta", "link", "br", "img", "hr", "input")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_flow_is_measured_by_its_examples_its_held_out_sentences_and_strangers(tmp_path: Path) -> None:
    report = measured(tmp_path, flow_file(tmp_path))
    assert [approach["name"] for approach in report["approaches"]] == ["semantic"]
    crossed, held_out = report["approaches"][0]["parts"]
    assert (crossed["kind"], crossed["n"], crossed["categories"]) == ("cross_validated", 20, 2)
    assert (held_out["kind"], held_out["n"], held_out["learnt"]) == ("held_out", 3, 20)
    assert {language: share["n"] for language, share in crossed["languages"].items()} == {"en": 10, "pt-BR": 10}
    assert held_out["accuracy"] == 1.0
    assert crossed["scope"]["recall"]["n"] == 3
    assert crossed["scope"]["false_alarms"]["n"] == 20
    assert sum(one["n"] for one in crossed["bins"]) == 20
    assert [one["wanted"] for one in crossed["coverage"]] == [0.9, 0.95]


def test_rules_learnt_and_joined_stand_side_by_side(tmp_path: Path) -> None:
    report = measured(tmp_path, flow_file(tmp_path), "--all")
    approaches = {approach["name"]: approach for approach in report["approaches"]}
    assert list(approaches) == ["rules", "joined", "semantic"]
    assert not approaches["rules"]["calibrated"]
    assert approaches["rules"]["parts"][0]["scope"] is None
    # What the rules say is learnt too, or the joined one would be no better than the words alone.
    assert approaches["joined"]["parts"][0]["accuracy"] > approaches["semantic"]["parts"][0]["accuracy"]


def test_the_time_is_taken_of_sentences_that_no_cache_can_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    predict = PlainClassifier.predict

    def recorded(self: PlainClassifier, texts: Sequence[str], *, rules: Rules = None) -> list[Told]:
        asked.extend(texts if len(texts) == 1 else ())
        return predict(self, texts, rules=rules)

    monkeypatch.setattr(PlainClassifier, "predict", recorded)
    measured(tmp_path, flow_file(tmp_path), "--all")
    strangers = {"what a lovely sunset", "the worn carpet", "receita de bolo"}  # one in a fold, and not timed
    timed = [text for text in asked if text not in strangers]
    assert len(timed) == 14  # four of the last fold and three held-out ones, by two classifiers
    assert len(set(timed)) == 14


@pytest.mark.django_db
def test_a_loaded_flow_is_named_by_its_id(tmp_path: Path) -> None:
    load_flow(read_flow(flow_file(tmp_path)))
    output = evaluate("three-questions", "--rules")
    assert "20 cases asked" in output
    assert "Right category in pt-BR" in output


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


def test_phrasings_of_danger_are_heard_missed_or_false(tmp_path: Path) -> None:
    phrasings = tmp_path / "danger.yaml"
    raised = {"injury": [{"pt-BR": "estou sangrando", "en": "I am bleeding"}, {"en": "my leg looks odd"}]}
    phrasings.write_text(
        yaml.safe_dump({"raised": raised, "harmless": [{"en": "a fine day"}, {"en": "it bleeds oil"}]}),
        encoding="utf-8",
    )
    alarms = measured(tmp_path, flow_file(tmp_path), "--phrasings", phrasings)["alarms"]
    assert [one["text"] for one in alarms["missed"]] == ["my leg looks odd"]
    assert [one["text"] for one in alarms["false"]] == ["it bleeds oil"]
    assert alarms["recall_by_language"]["pt-BR"]["value"] == 1.0
    with pytest.raises(CommandError, match="dangerous phrasings"):
        evaluate(flow_file(tmp_path), "--phrasings", phrasings, "--most-missed", "0.1")


def test_the_html_report_stands_alone_and_escapes_what_people_wrote(tmp_path: Path) -> None:
    rows = [
        ("text", "category"),
        *[(f"alpha {n}", "<b>one") for n in range(4)],
        *[(f"alpha {n}", "two") for n in range(4)],
    ]
    path = tmp_path / "report.html"
    evaluate("--data", csv_file(tmp_path, rows), "--html", path)
    html = path.read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(html)
    tags.close()
    assert tags.open == []
    assert tags.fetched == []
    assert "&lt;b&gt;one" in html
    assert "<b>one" not in html
    assert "<svg" in html
    assert "several categories" in html


def test_the_diagram_is_svg_for_light_and_dark_screens(tmp_path: Path) -> None:
    path = tmp_path / "diagram.svg"
    evaluate(flow_file(tmp_path), "--svg", path)
    root = ElementTree.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    columns = root.findall(".//{*}rect[@class='column']/{*}title")
    assert columns
    assert all("says" in (column.text or "") for column in columns)
    assert "prefers-color-scheme: dark" in path.read_text(encoding="utf-8")


def test_a_flow_that_falls_short_ends_with_an_error_after_its_report(tmp_path: Path) -> None:
    path, report = flow_file(tmp_path), tmp_path / "report.json"
    evaluate(path, "--least-accuracy", "0.01", "--most-ece", "1")
    with pytest.raises(CommandError, match=r"Not reached: .*above 0") as refused:
        evaluate(path, "--most-ece", "0", "--json", report)
    assert refused.value.returncode == 1
    assert report.exists()


def test_a_limit_that_nothing_was_measured_for_is_not_reached(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="not measured"):
        evaluate(flow_file(tmp_path), "--most-missed", "0.5")


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


def test_a_file_from_excel_in_brazil_is_read(tmp_path: Path) -> None:
    path = tmp_path / "past.csv"
    rows = "".join(f"não, não {n};{label}\r\n" for n, label in enumerate(["água", "pão"] * 3))
    path.write_bytes(f"texto;área\r\n{rows}".encode("cp1252"))
    assert "6 cases asked" in evaluate("--data", path, "--text", "texto", "--label", "área")


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
