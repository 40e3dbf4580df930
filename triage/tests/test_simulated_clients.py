"""People whose truth is known talk to the delivered flows. The floors are what was measured, a little below."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from triage.analysis.assess import scene_of
from triage.analysis.rules import RulesAnalyzer
from triage.errors import FlowInvalid
from triage.flows.conditions import evaluate, truth
from triage.flows.engine import begin, step
from triage.flows.loader import CATALOGUE, read_flow
from triage.flows.schema import Flow
from triage.flows.tree import conditions_of
from triage.simulation.persona import load_personas
from triage.simulation.scoring import Score, score, summary
from triage.simulation.talks import interview, said

FLOWS = ("legal-intake", "it-support")
FLOORS: dict[str, dict[str, float]] = {
    "legal-intake": {"category": 0.97, "level": 0.95, "urgency": 0.93, "flags_at_once": 0.95, "contradictions": 0.85},
    "it-support": {"category": 0.97, "level": 0.97, "urgency": 0.95, "flags_at_once": 0.90, "contradictions": 0.90},
}
MOST_QUESTIONS = {"legal-intake": 0.60, "it-support": 0.68}
"""Of those of a form that leaves out what was told already; a form that does not is longer."""


@cache
def flow(name: str) -> Flow:
    return read_flow(CATALOGUE / f"{name}.yaml")


@cache
def scores(name: str) -> tuple[Score, ...]:
    return tuple(score(flow(name), persona)[0] for persona in load_personas(flow(name)))


def figures(name: str) -> dict[str, Any]:
    return summary(scores(name))


@pytest.mark.parametrize("name", FLOWS)
def test_there_are_forty_people_of_every_category_in_each_language(name: str) -> None:
    people = load_personas(flow(name))
    assert len(people) >= 40
    wanted = {category.id for category in flow(name).categories} - {flow(name).fallback_category}
    for language in flow(name).languages:
        assert {one.truth.category for one in people if one.language == language} >= wanted


@pytest.mark.parametrize("name", FLOWS)
def test_the_interview_understands_most_of_them(name: str) -> None:
    found, floors = figures(name), FLOORS[name]
    for figure in ("category", "level", "urgency"):
        assert found["interview"][figure] >= floors[figure], (figure, found["interview"])
    flags = found["flags"]
    all_flags = flags["at_once"] + flags["late"] + flags["missed"]
    assert flags["at_once"] / all_flags >= floors["flags_at_once"], flags
    told = found["contradictions"]
    assert told["asked_about"] / told["told"] >= floors["contradictions"], told
    assert told["asked_for_nothing"] == 0


@pytest.mark.parametrize("name", FLOWS)
def test_no_language_is_understood_much_worse(name: str) -> None:
    shares = figures(name)["category_by_language"].values()
    assert max(shares) - min(shares) <= 0.1


@pytest.mark.parametrize("name", FLOWS)
def test_it_asks_far_less_than_a_form_and_finds_at_least_as_much(name: str) -> None:
    found = figures(name)
    assert found["ratio_of_questions"] <= MOST_QUESTIONS[name]
    assert found["ratio_to_form_asking_what_was_told"] <= 0.61
    assert found["as_good_as_form"] >= 0.97
    for figure in ("category", "level", "urgency"):
        assert found["interview"][figure] >= found["form"][figure]


def test_the_same_person_always_says_the_same() -> None:
    persona = load_personas(flow("it-support"))[0]
    first, second = interview(flow("it-support"), persona), interview(flow("it-support"), persona)
    assert [line.answer for line in first.lines] == [line.answer for line in second.lines]


@pytest.mark.parametrize("name", FLOWS)
def test_what_a_condition_comes_to_is_the_same_with_and_without_its_evidence(name: str) -> None:
    rules = RulesAnalyzer()
    for persona in load_personas(flow(name)):
        state = step(begin(flow(name), persona.language), said(0, persona.opening), rules).state
        facts = state.facts(state.turns[-1].at)
        scene = scene_of(facts, rules.analyse(facts))
        for path, condition in conditions_of(flow(name)):
            assert truth(condition, scene) is evaluate(condition, scene).holds, (persona.id, path)


def test_a_persona_of_things_the_flow_does_not_know_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(
        "personas:\n- {id: a, language: en, opening: hi, truth: {category: nonsense, level: low, urgency: low, "
        "slots: {nothing: true}, red_flags: {none: opening}}}\n",
        encoding="utf-8",
    )
    with pytest.raises(FlowInvalid) as refused:
        load_personas(flow("it-support"), tmp_path)
    assert len(refused.value.problems) == 3


def test_a_persona_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("personas: [{id: a, colour: red}]\n", encoding="utf-8")
    with pytest.raises(FlowInvalid, match=r"one\.yaml"):
        load_personas(flow("it-support"), tmp_path)
