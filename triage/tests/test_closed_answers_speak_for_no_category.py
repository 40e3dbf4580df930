"""What was asked for and answered tells nothing new of the subject: only free words speak for a category."""

from __future__ import annotations

from typing import Any

import pytest

from triage.flows.engine import fold, turn_from_json, turn_to_json
from triage.tests.small_flow import RULES, Interview, flow_with

TOLD = "O freio gasto range"
KINDS = ("date", "money", "number", "yes_no", "choice", "place", "text")


def _one_question_of_each_kind(data: dict[str, Any]) -> None:
    """All the small flow asks is told by then; a place and a choice of words that would speak for a crash."""
    words = {"pt-BR": "E isto?", "en": "And this?"}
    street = {"id": "street", "title": {"pt-BR": "Na rua", "en": "In the street"}}
    yard = {"id": "yard", "title": {"pt-BR": "No quintal", "en": "In the yard"}}
    data["slots"] = [
        {"id": f"a_{kind}", "title": words, "kind": kind, **({"choices": [street, yard]} if kind == "choice" else {})}
        for kind in KINDS
    ]
    data["questions"] = [
        {"id": kind, "slot": f"a_{kind}", "text": words, "reason": words, "essential": True} for kind in KINDS
    ]
    data["factors"] = [data["factors"][1]]
    data["red_flags"][0]["when"] = data["red_flags"][0]["when"]["any"][1]
    data["urgency"]["rules"] = []
    data["categories"][0]["documents"] = []
    data["complexity"]["limits"] = {level: {"least": 1, "most": 9} for level in ("low", "medium", "high")}


FLOW = flow_with(_one_question_of_each_kind)


def shares(interview: Interview) -> dict[str, float]:
    facts = interview.state.facts(interview.state.turns[-1].at)
    return {one.id: one.score for one in RULES.analyse(facts).categories}


def told_and_asked(kind: str) -> Interview:
    """The case was told, and the question of this kind is open."""
    interview = Interview(FLOW)
    interview.say(TOLD)
    while interview.state.current != kind:
        interview.say("pular")
    return interview


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("date", "ontem, foi no acidente na rua"),
        ("money", "R$ 300 desde o acidente"),
        ("number", "3 desde o acidente"),
        ("yes_no", "sim, foi acidente na rua"),
        ("choice", "na rua"),
        ("place", "rua do Acidente"),
    ],
)
def test_what_settles_a_closed_question_speaks_for_no_category(kind: str, answer: str) -> None:
    interview = told_and_asked(kind)
    before = shares(interview)
    made = interview.say(answer)
    assert (made.turn.kind, made.turn.question) == ("answer", kind)
    assert f"a_{kind}" in interview.values
    assert shares(interview) == before == {"wear": before["wear"]}


def test_an_answer_in_free_words_does() -> None:
    interview = told_and_asked("text")
    assert interview.say("foi acidente na rua").turn.kind == "answer"
    assert "crash" in shares(interview)


def test_so_does_another_sentence_that_comes_along_with_a_closed_answer() -> None:
    interview = told_and_asked("yes_no")
    interview.say("Sim. E depois bati num carro.")
    assert "crash" in shares(interview)


def test_so_does_a_reply_that_settles_nothing() -> None:
    interview = told_and_asked("choice")
    assert interview.say("bati, foi um acidente").turn.kind == "unclear"
    assert "crash" in shares(interview)


def test_so_do_words_added_at_the_end() -> None:
    interview = told_and_asked("text")
    while interview.state.current is not None:
        interview.say("pular")
    assert interview.say("ah, foi acidente", extra=True).turn.kind == "extra"
    assert "crash" in shares(interview)


@pytest.mark.parametrize(("kind", "answer"), [("yes_no", "sim, ele desmaiou"), ("choice", "na rua, sangrou muito")])
def test_danger_is_heard_in_a_closed_answer_too(kind: str, answer: str) -> None:
    interview = told_and_asked(kind)
    interview.say(answer)
    assert interview.state.assessment is not None
    assert [flag["id"] for flag in interview.state.assessment.red_flags] == ["injury"]
    assert "crash" not in shares(interview)


def test_what_makes_a_case_harder_is_heard_in_a_closed_answer_too() -> None:
    interview = told_and_asked("yes_no")
    interview.say("sim, é elétrica")
    assert interview.state.assessment is not None
    assert interview.state.assessment.level == "medium"


def test_an_interview_rebuilt_from_its_turns_knows_which_answers_were_closed() -> None:
    interview = told_and_asked("yes_no")
    interview.say("sim, foi acidente na rua")
    turns = [turn_from_json(turn_to_json(turn)) for turn in interview.state.turns]
    rebuilt = fold(FLOW, "pt-BR", turns, RULES)
    assert rebuilt.assessment == interview.state.assessment
    assert rebuilt.facts(turns[-1].at).utterances == interview.state.facts(turns[-1].at).utterances
