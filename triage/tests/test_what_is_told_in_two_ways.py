"""Somebody says one thing of a slot and later another: it is noticed, asked about, and the answer stands."""

from __future__ import annotations

from typing import Any

from triage.analysis.rules import RulesAnalyzer
from triage.flows.engine import fold, turn_from_json, turn_to_json
from triage.flows.schema import Flow
from triage.tests.small_flow import Interview, flow_with, reply_in

PHRASE = {"pt-BR": "Antes “{before}”, depois “{now}”.", "en": "First “{before}”, later “{now}”."}


def _brakes(data: dict[str, Any]) -> None:
    """Two questions more, what kind of brake and by when it is needed, and a danger that hangs on the day."""
    words = {"pt-BR": "Qual freio?", "en": "Which brake?"}
    disc = {
        "id": "disc",
        "title": {"pt-BR": "Disco", "en": "Disc"},
        "terms": {"pt-BR": ["freio a disco"], "en": ["disc brake"]},
    }
    drum = {
        "id": "drum",
        "title": {"pt-BR": "Tambor", "en": "Drum"},
        "terms": {"pt-BR": ["freio a tambor"], "en": ["drum brake"]},
    }
    needed = {"pt-BR": "Para quando?", "en": "By when?"}
    near = {"pt-BR": ["corrida", "preciso até"], "en": ["race"]}
    data["slots"] += [
        {"id": "brake", "title": words, "kind": "choice", "choices": [disc, drum]},
        {"id": "race", "title": needed, "kind": "date", "prefer": "future", "near": near},
    ]
    data["questions"] += [
        {"id": "which_brake", "slot": "brake", "text": words, "reason": words, "weight": 4, "essential": True},
        {"id": "which_race", "slot": "race", "text": needed, "reason": needed, "weight": 1, "essential": True},
    ]
    data["slots"][0]["near"] = {"pt-BR": ["bati", "desde"], "en": ["crashed"]}
    data["urgency"]["deadline_slot"] = "race"
    data["urgency"]["rules"].append(
        {"id": "race_near", "level": "critical", "when": {"slot": "race", "within_days": 2}, "reason": needed}
    )
    data["complexity"]["limits"] = {level: {"least": 1, "most": 6} for level in ("low", "medium", "high")}
    data["phrases"]["contradiction"] = PHRASE


def _hurt_or_not(data: dict[str, Any]) -> None:
    _brakes(data)
    data["slots"][2]["affirms"] = {"pt-BR": ["quebrei (o braço|a perna)"], "en": ["broke my (arm|leg)"]}
    data["slots"][2]["denies"] = {"pt-BR": ["ileso*"], "en": ["unhurt"]}


FLOW = flow_with(_brakes)


def talk(*words: str, flow: Flow = FLOW) -> Interview:
    interview = Interview(flow)
    for text in words:
        interview.say(text)
    return interview


def test_the_person_is_asked_which_is_right_and_sees_both() -> None:
    interview = talk("Bati a bicicleta, ela tem freio a disco")
    assert interview.state.current == "when_happened"
    made = interview.say("Ontem. Acho que é freio a tambor")
    question = reply_in(made).question
    assert question is not None and question["id"] == "which_brake"
    assert "Antes “Disco”, depois “Tambor”." in reply_in(made).text


def test_until_they_say_so_the_first_stands_and_then_what_they_say() -> None:
    interview = talk("Bati, tem freio a disco", "Ontem. É freio a tambor")
    assert interview.values["brake"] == "disc"
    interview.say("tambor")
    assert interview.values["brake"] == "drum"
    assert interview.state.contests == {}


def test_who_does_not_know_which_is_right_keeps_the_first_and_is_not_asked_again() -> None:
    interview = talk("Bati, tem freio a disco", "Ontem. É freio a tambor", "não sei")
    assert interview.values["brake"] == "disc"
    assert interview.state.current != "which_brake"


def test_the_first_and_the_second_are_answers() -> None:
    told = "Bati, a corrida é dia 25 de março", "Ontem. A corrida é dia 28 de março"
    assert talk(*told, "a primeira").values["race"] == "2026-03-25"
    assert talk(*told, "a segunda").values["race"] == "2026-03-28"


def test_of_two_deadlines_the_nearer_counts_at_once() -> None:
    interview = talk("Bati, a corrida é dia 25 de março")
    made = interview.say("Ontem. Não, a corrida é dia 11 de março")
    assert made.state.assessment is not None
    assert made.state.assessment.urgency_level == "critical"
    assert made.state.current == "which_race"


def test_two_deadlines_are_asked_about_though_nobody_asked_whether_there_is_one() -> None:
    def asked_only_if_hurt(data: dict[str, Any]) -> None:
        _brakes(data)
        data["questions"][-1]["when"] = {"slot": "hurt", "is": True}

    interview = talk("O freio range, a corrida é dia 25 de março", flow=flow_with(asked_only_if_hurt))
    interview.say("Ontem. Não, a corrida é dia 11 de março")
    assert interview.state.current == "which_race"


def test_a_yes_or_no_told_in_passing_is_contradicted_by_words_that_say_the_other() -> None:
    interview = talk("Bati, todo mundo saiu ileso", flow=flow_with(_hurt_or_not))
    assert interview.values["hurt"] is False
    made = interview.say("Ontem. Eu quebrei o braço")
    assert interview.state.current == "anybody_hurt"
    assert "Antes “não”, depois “sim”." in reply_in(made).text
    interview.say("sim")
    assert interview.values["hurt"] is True


def test_words_that_are_denied_say_neither_yes_nor_no() -> None:
    assert "hurt" not in talk("Bati, não quebrei o braço", flow=flow_with(_hurt_or_not)).values


def test_the_same_said_again_contradicts_nothing() -> None:
    interview = talk("Bati, tem freio a disco", "Ontem. Como disse, freio a disco")
    assert interview.state.contests == {}


def test_a_denied_choice_contradicts_nothing() -> None:
    interview = talk("Bati, tem freio a disco", "Ontem. Não tem freio a tambor")
    assert interview.state.contests == {}


def test_words_that_point_to_many_things_contradict_only_what_they_were_used_for() -> None:
    assert talk("Bati em 3 de março, tem freio gasto", "disco, eu moro aqui desde 10 de maio").state.contests == {}
    again = talk("Bati em 3 de março, tem freio gasto", "disco, quando bati era 28 de fevereiro")
    assert "happened_on" in again.state.contests


def test_words_that_take_something_back_contradict_it() -> None:
    interview = talk("Bati ontem, perdi R$ 300", "disco. Na verdade perdi R$ 800")
    assert interview.state.current == "how_much"
    interview.say("800 reais")
    assert interview.values["damage"] == {"amount": "800.00", "currency": "BRL"}


def test_a_slot_that_may_hold_several_things_is_never_contradicted() -> None:
    def several(data: dict[str, Any]) -> None:
        _brakes(data)
        data["slots"][-2]["several"] = True

    assert talk("Bati, tem freio a disco", "Ontem. É freio a tambor", flow=flow_with(several)).state.contests == {}


def test_a_flow_without_the_phrase_asks_nothing() -> None:
    def wordless(data: dict[str, Any]) -> None:
        _brakes(data)
        del data["phrases"]["contradiction"]

    interview = talk("Bati, tem freio a disco", "Ontem. É freio a tambor", flow=flow_with(wordless))
    assert interview.state.contests == {}
    assert interview.values["brake"] == "disc"


def test_a_danger_is_asked_about_before_a_contradiction() -> None:
    def careful(data: dict[str, Any]) -> None:
        _brakes(data)
        flag = data["red_flags"][0]
        flag["when"] = {"all": [{"slot": "hurt", "is": True}, {"says": {"pt-BR": ["caí"], "en": ["fell"]}}]}
        data["questions"][2].update(essential=True, weight=1)

    interview = talk("Bati, tem freio a disco", "Ontem. É freio a tambor, e caí", flow=flow_with(careful))
    assert interview.state.current == "anybody_hurt"
    interview.say("não")
    assert interview.state.current == "which_brake"


def test_an_interview_rebuilt_from_its_turns_knows_of_the_contradiction() -> None:
    interview = talk("Bati, tem freio a disco", "Ontem. É freio a tambor")
    turns = [turn_from_json(turn_to_json(turn)) for turn in interview.state.turns]
    rebuilt = fold(FLOW, "pt-BR", turns, RulesAnalyzer())
    assert rebuilt.contests == interview.state.contests != {}
    assert rebuilt.current == "which_brake"


def test_turns_stored_before_there_were_contradictions_can_be_read() -> None:
    interview = talk("Bati ontem, perdi R$ 300")
    stored = turn_to_json(interview.state.turns[0])
    for reading in stored["readings"]:
        del reading["contested"]
    assert turn_from_json(stored) == interview.state.turns[0]
