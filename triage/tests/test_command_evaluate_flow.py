"""`manage.py evaluate_flow`: measures a flow by its own sentences, says so in words, and holds it to limits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError

from triage.analysis.semantic.classifier import Prediction
from triage.flows.loader import load_flow, read_flow
from triage.tests.measuring import evaluate, flow_file, measured
from triage.tests.plain_trainer import PlainClassifier


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
    # Terms are heard too, or the joined one would be no better than what was learnt alone.
    assert approaches["joined"]["parts"][0]["accuracy"] > approaches["semantic"]["parts"][0]["accuracy"]


def test_the_time_is_taken_of_sentences_that_no_cache_can_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    predict = PlainClassifier.predict

    def recorded(self: PlainClassifier, texts: Sequence[str]) -> list[Prediction]:
        asked.extend(texts if len(texts) == 1 else ())
        return predict(self, texts)

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
