"""The interview ends as soon as no answer can change the result, or at the limit."""

from __future__ import annotations

from typing import Any

from triage.tests.small_flow import Interview, flow_with, wide_flow


def test_a_question_that_cannot_change_the_result_is_not_asked() -> None:
    interview = Interview()
    interview.say("O freio gasto da elétrica range, foi em 1 de março, R$ 300")
    assert interview.state.assessment is not None
    assert interview.state.assessment.category["id"] == "wear"
    assert interview.state.done


def test_a_question_is_asked_while_its_answer_could_change_the_level() -> None:
    interview = Interview()
    interview.say("O freio gasto range desde 1 de março")
    assert interview.state.current == "how_much"


def test_a_factor_too_light_to_change_the_level_is_not_asked_for() -> None:
    def change(data: dict[str, Any]) -> None:
        data["factors"][0].update(weight=1)
        data["complexity"]["limits"]["low"]["least"] = 0

    interview = Interview(flow_with(change))
    interview.say("O freio gasto range desde 1 de março")
    assert interview.state.done


def test_below_the_least_other_questions_are_asked_too() -> None:
    def change(data: dict[str, Any]) -> None:
        data["factors"][0].update(weight=1)
        data["complexity"]["limits"] = {level: {"least": 2, "most": 3} for level in ("low", "medium", "high")}

    interview = Interview(flow_with(change))
    interview.say("O freio gasto range")
    interview.say("em 1 de março")
    assert interview.state.current == "how_much"
    interview.say("R$ 20")
    assert interview.state.done


def test_an_essential_question_is_asked_although_nothing_hangs_on_it() -> None:
    def change(data: dict[str, Any]) -> None:
        data["urgency"]["rules"] = []

    interview = Interview(flow_with(change))
    interview.say("O freio gasto range, R$ 300")
    assert interview.state.current == "when_happened"


def test_a_question_that_opens_the_way_to_one_that_matters_is_asked() -> None:
    def change(data: dict[str, Any]) -> None:
        title = {"pt-BR": "Carga", "en": "Load"}
        data["slots"].append({"id": "load", "title": title, "kind": "yes_no"})
        data["questions"].append({"id": "load", "slot": "load", "text": title, "reason": title, "weight": 1})
        data["questions"][1]["when"] = {"slot": "load", "is": True}

    interview = Interview(flow_with(change))
    interview.say("O freio gasto range desde 1 de março")
    assert interview.state.current == "load"
    interview.say("sim")
    assert interview.state.current == "how_much"


def test_the_limit_of_the_level_ends_the_interview() -> None:
    interview = Interview(wide_flow(20, least=5, most=5))
    interview.say("Bati na rua")
    while not interview.state.done:
        interview.say("sim")
    assert len(interview.state.asked) == 5


def test_room_is_kept_for_essential_questions() -> None:
    def change(data: dict[str, Any]) -> None:
        data["questions"][0]["weight"] = 0
        data["complexity"]["limits"] = {level: {"least": 1, "most": 2} for level in ("low", "medium", "high")}

    interview = Interview(flow_with(change))
    interview.say("Bati na rua")
    interview.say("pular")
    assert interview.state.asked == ["how_much", "when_happened"]


def test_what_a_sign_of_danger_hangs_on_is_asked_first() -> None:
    def change(data: dict[str, Any]) -> None:
        data["red_flags"][0]["when"] = {"all": [{"says": {"pt-BR": ["capacete"], "en": ["helmet"]}}, YES]}

    yes = Interview(flow_with(change))
    yes.say("Bati sem capacete")
    assert yes.state.current == "anybody_hurt"
    no = Interview(flow_with(change))
    no.say("Bati na rua")
    assert no.state.current == "when_happened"


YES = {"slot": "hurt", "is": True}


def test_the_category_is_asked_for_only_while_it_is_in_doubt() -> None:
    def change(data: dict[str, Any]) -> None:
        title = {"pt-BR": "O que foi?", "en": "What was it?"}
        data["slots"].append({"id": "trouble", "title": title, "kind": "category"})
        data["questions"] = [
            {"id": "trouble", "slot": "trouble", "text": title, "reason": title, "weight": 9},
            *({**question, "essential": False} for question in data["questions"]),
        ]
        for limit in data["complexity"]["limits"].values():
            limit["least"] = 0

    def asked(opening: str) -> bool:
        interview = Interview(flow_with(change))
        interview.say(opening)
        while not interview.state.done:
            interview.say("pular")
        return "trouble" in interview.state.asked

    assert asked("caí, e agora range")
    assert asked("preciso de ajuda")
    assert not asked("foi um acidente, bati")
