from __future__ import annotations

from typing import Any

import pytest

from triage.analysis.base import Evidence, Facts, Known, Utterance
from triage.flows.conditions import Scene, evaluate, flags_of, slots_of
from triage.flows.schema import Condition, Flow
from triage.tests.small_flow import NOON, SMALL, flow_with

SLOTS: dict[str, Any] = {
    "happened_on": "2026-03-12",
    "damage": {"amount": "1000.00", "currency": "BRL"},
    "place": "São Paulo",
    "hurt": False,
    "count": 3,
}
YES, NO, OPEN = {"slot": "place"}, {"slot": "nothing"}, {"slot": "nothing", "is": 1}


def scene(text: str = "", flow: Flow = SMALL) -> Scene:
    known = {slot: Known(value, Evidence("m1", 0, 1, "x", slot)) for slot, value in SLOTS.items()}
    facts = Facts(flow, "pt-BR", NOON, known, (Utterance("m1", text),))
    return Scene.of(facts, ())


def holds(condition: dict[str, Any], where: Scene | None = None) -> bool | None:
    return evaluate(Condition.model_validate(condition), where or scene()).holds


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"slot": "place"}, True),
        ({"slot": "nothing"}, False),
        ({"slot": "nothing", "is": True}, None),
        ({"slot": "place", "is": "sao paulo"}, True),
        ({"slot": "place", "in": ["Rio", "São Paulo"]}, True),
        ({"slot": "hurt", "is": False}, True),
        ({"slot": "hurt", "is": 0}, False),
        ({"slot": "count", "is": 3.0}, True),
        ({"slot": "count", "is": True}, False),
        ({"slot": "count", "at_least": 3}, True),
        ({"slot": "damage", "at_least": 1000}, True),
        ({"slot": "damage", "at_least": 1000.01}, False),
        ({"slot": "place", "at_least": 1}, None),
        ({"slot": "happened_on", "within_days": 2}, True),
        ({"slot": "happened_on", "within_days": 1}, False),
        ({"slot": "happened_on", "older_than_days": 0}, False),
        ({"slot": "place", "within_days": 3}, None),
        ({"category": ["other"]}, True),
        ({"category": ["wear"]}, False),
        ({"flag": ["injury"]}, False),
    ],
)
def test_a_test_holds_or_not_or_nobody_knows(condition: dict[str, Any], expected: bool | None) -> None:
    assert holds(condition) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"all": [YES, YES]}, True),
        ({"all": [YES, OPEN]}, None),
        ({"all": [OPEN, NO]}, False),
        ({"any": [NO, YES, OPEN]}, True),
        ({"any": [NO, OPEN]}, None),
        ({"any": [NO, NO]}, False),
        ({"not": YES}, False),
        ({"not": NO}, True),
        ({"not": OPEN}, None),
    ],
)
def test_what_is_undecided_stays_so_until_the_rest_decides(condition: dict[str, Any], expected: bool | None) -> None:
    assert holds(condition) is expected


def says(text: str, *terms: str) -> bool | None:
    flow = flow_with(lambda data: data["factors"][1]["when"].update(says={"pt-BR": list(terms), "en": ["bit me"]}))
    return evaluate(flow.factors[1].when, scene(text, flow)).holds


def test_a_denied_word_was_not_said() -> None:
    assert says("ele me bateu", "bateu")
    assert not says("ele não me bateu", "bateu")
    assert not says("nunca que ele bateu", "bateu")


def test_a_negation_far_off_or_before_a_pause_denies_nothing() -> None:
    assert says("Não, ele me bateu", "bateu")
    assert says("Não. Bateu sim", "bateu")
    assert says("não sei bem o que houve, bateu", "bateu")
    assert says("não lembro de mais nada: bateu", "bateu")


def test_a_term_that_is_itself_a_negation_means_what_it_says() -> None:
    assert says("eu não aguento mais", "não aguento")
    assert says("nem isso, nunca não aguento", "não aguento")


def test_a_language_denies_in_its_own_words_only() -> None:
    assert says("ele bateu no rosto, no bateu", "bateu")
    assert not says("he did not bit me", "bateu")
    assert says("he bit me", "bateu")


def test_a_word_denied_once_and_said_once_was_said() -> None:
    assert says("não bateu ontem, mas hoje bateu", "bateu")


def test_today_is_the_day_where_the_flow_lives() -> None:
    late = NOON.replace(hour=1)  # the evening before in São Paulo
    known = {"happened_on": Known("2026-03-09", Evidence("m1", 0, 1, "x", "y"))}
    there = Scene.of(Facts(SMALL, "en", late, known, ()), ())
    assert holds({"slot": "happened_on", "within_days": 0}, there)


def test_the_words_that_decided_are_shown() -> None:
    condition = Condition.model_validate({"any": [NO, {"slot": "damage", "at_least": 5}, {"slot": "place"}]})
    assert [item.source for item in evaluate(condition, scene()).evidence] == ["damage", "place"]


def test_a_condition_tells_what_it_asks_about() -> None:
    condition = Condition.model_validate({"all": [{"slot": "a"}, {"not": {"any": [{"slot": "b"}, {"flag": ["f"]}]}}]})
    assert slots_of(condition) == {"a", "b"}
    assert flags_of(condition) == {"f"}
