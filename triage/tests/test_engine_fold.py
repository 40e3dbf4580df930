"""The turns alone rebuild the state, also after a journey through JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.flows.engine import begin, fold, turn_from_json, turn_to_json
from triage.tests.small_flow import RULES, SMALL, Interview
from triage.tests.test_engine_ends import TEXTS

QUESTIONS = st.none() | st.sampled_from([question.id for question in SMALL.questions])


@given(texts=TEXTS, questions=st.lists(QUESTIONS, max_size=25), extra=st.booleans())
def test_folding_the_turns_gives_the_state_reached_step_by_step(
    texts: list[str], questions: list[str | None], extra: bool
) -> None:
    interview = Interview()
    for text, question in zip(texts, [*questions, *[None] * len(texts)], strict=False):
        interview.say(text, question=question if question in interview.state.settled else None)
    if extra:
        interview.say("e mais uma coisa: R$ 700", extra=True)
    turns = [turn_from_json(json.loads(json.dumps(turn_to_json(turn)))) for turn in interview.state.turns]
    assert tuple(turns) == interview.state.turns
    assert fold(SMALL, "pt-BR", turns, RULES) == interview.state


def test_no_turns_are_a_beginning() -> None:
    assert fold(SMALL, "en", [], RULES) == begin(SMALL, "en")


def one_turn() -> dict[str, object]:
    interview = Interview()
    return turn_to_json(interview.say("Bati em 3 de março").turn)


@pytest.mark.parametrize(
    "damage",
    [
        {"kind": "dance"},
        {"at": "yesterday"},
        {"at": "2026-03-10T12:00:00"},
        {"at": None},
        {"text": 3},
        {"question": 3},
        {"readings": None},
        {"readings": [{}]},
        {"readings": ["x"]},
        {"more": 1},
    ],
)
def test_a_damaged_turn_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        turn_from_json({**one_turn(), **damage})


@pytest.mark.parametrize(
    "damage", [{"start": -1}, {"end": "2"}, {"start": 9999}, {"end": 9999}, {"value": None}, {"approximate": 1}]
)
def test_a_damaged_reading_is_refused(damage: dict[str, object]) -> None:
    turn = one_turn()
    readings = turn["readings"]
    assert isinstance(readings, list)
    with pytest.raises(ValueError, match="not a"):
        turn_from_json({**turn, "readings": [{**readings[0], **damage}]})


@pytest.mark.parametrize("data", [None, [], "turn", 3, {}])
def test_what_is_no_turn_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="not a Turn"):
        turn_from_json(data)
