"""Answers from a file: each once, names checked, an end to every interview."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.errors import InvalidInput
from triage.terminal.answers import AnswerFile, read_answers
from triage.tests.small_flow import SMALL

WHEN, MUCH = {"id": "when_happened"}, {"id": "how_much"}


def answers(folder: Path, text: str) -> AnswerFile:
    path = folder / "answers.yaml"
    path.write_text(text, encoding="utf-8")
    return read_answers(path)


def fitted(folder: Path, text: str) -> AnswerFile:
    made = answers(folder, text)
    made.fit(SMALL, "en")
    return made


def test_values_are_the_text_that_stands_in_the_file(tmp_path: Path) -> None:
    made = fitted(tmp_path, "when_happened: 2024-03-03\nhow_much: 0300\nanybody_hurt: yes")
    said = [made.next({"id": name}) for name in ("when_happened", "how_much", "anybody_hurt")]
    assert said == ["2024-03-03", "0300", "yes"]


def test_the_message_opens_the_case(tmp_path: Path) -> None:
    assert fitted(tmp_path, "message: I fell").opening == "I fell"
    assert fitted(tmp_path, "message: I fell").next(None) == "I fell"


def test_a_question_without_an_answer_is_skipped_with_the_flows_word(tmp_path: Path) -> None:
    assert fitted(tmp_path, "when_happened: today").next(MUCH) == "skip"


def test_the_default_answers_every_other_question(tmp_path: Path) -> None:
    made = fitted(tmp_path, "when_happened: today\ndefault: no idea")
    assert (made.next(WHEN), made.next(MUCH)) == ("today", "no idea")


def test_a_question_that_comes_again_is_skipped_and_then_nothing_more_is_said(tmp_path: Path) -> None:
    made = fitted(tmp_path, "when_happened: not a date at all")
    assert [made.next(WHEN) for _ in range(3)] == ["not a date at all", "skip", None]


def test_names_that_the_flow_never_asks_are_refused_with_those_it_does(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"does not ask wen_happened; it asks when_happened, how_much"):
        fitted(tmp_path, "wen_happened: today")


def test_answers_that_were_never_asked_for_are_told(tmp_path: Path) -> None:
    made = fitted(tmp_path, "message: I fell\nwhen_happened: today\nhow_much: R$ 3\ndefault: skip")
    assert made.opening
    made.next(WHEN)
    assert made.unused == ["how_much"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("[", "is not YAML"), ("- a list", "must map question ids"), ("how_much: [1, 2]", "how_much: the answer must be")],
)
def test_a_file_that_holds_no_answers_is_refused_in_one_sentence(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as refused:
        answers(tmp_path, text)
    assert "\n" not in refused.value.detail
