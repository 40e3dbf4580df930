"""A flow that cannot work is refused, and its author told where and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from triage.errors import FlowInvalid
from triage.flows.checks import check_flow, parse_flow
from triage.tests.small_flow import SMALL, flow_data

Change = Callable[[dict[str, Any]], object]
YES = {"slot": "hurt", "is": True}
NO = {"slot": "hurt", "is": False}


def problems(change: Change) -> list[str]:
    data = flow_data()
    change(data)
    with pytest.raises(FlowInvalid) as refused:
        parse_flow(data)
    return refused.value.problems


def when(condition: dict[str, Any], question: int = 1) -> Change:
    return lambda data: data["questions"][question].update(when=condition)


def test_a_sound_flow_has_no_problem() -> None:
    assert check_flow(SMALL) == []


SHAPES: list[tuple[Change, str]] = [
    (lambda data: data.pop("title"), "title: is missing"),
    (lambda data: data.update(surprise=1), "surprise: is not known here"),
    (lambda data: data["questions"][0].pop("reason"), "questions.when_happened.reason: is missing"),
    (lambda data: data["slots"][0].update(kind="colour"), "slots.happened_on.kind: input should be"),
    (when({"slot": ["a"]}), "questions.how_much.when.slot: input should be"),
    (
        lambda data: data["slots"][0].update(denies={"pt-BR": ["nunca"], "en": ["never"]}),
        "slots.happened_on: a slot of kind date is neither affirmed nor denied",
    ),
    (lambda data: data["slots"][2].update(denies={"pt-BR": ["ileso"]}), "slots.hurt.denies.en: the translation"),
    (when({"slot": "hurt", "is": [1]}), "questions.how_much.when.is: input should be"),
]

NAMES: list[tuple[Change, str]] = [
    (when({"slot": "nowhere"}), "questions.how_much.when.slot: there is no slot nowhere"),
    (when({"category": ["nothing"]}), "questions.how_much.when.category: there is no category nothing"),
    (when({"flag": ["nothing"]}), "questions.how_much.when.flag: there is no red flag nothing"),
    (when({"any": [YES, {"not": {"slot": "nowhere"}}]}), "how_much.when.any[1].not.slot: there is no slot"),
    (when({}), "questions.how_much.when: needs exactly one of"),
    (when({"slot": "hurt", "category": ["wear"]}), "questions.how_much.when: needs exactly one of"),
    (when({"category": ["wear"], "is": 1}), "questions.how_much.when: is: only a slot is compared"),
    (when({"slot": "hurt", "is": True, "in": [True]}), "how_much.when: is and in: only a slot is compared"),
    (when({"all": []}), "questions.how_much.when.all: is empty"),
    (when({"slot": "hurt", "is": "maybe"}), "questions.how_much.when.is: hurt is never 'maybe'"),
    (when({"slot": "hurt", "at_least": 3}), "questions.how_much.when.at_least: hurt is of kind yes_no"),
    (
        lambda data: data["red_flags"][0].update(when={"flag": ["injury"]}),
        "red_flags.injury.when.flag: a red flag cannot wait for another",
    ),
    (lambda data: data["questions"][0].update(slot="nowhere"), "when_happened.slot: there is no slot nowhere"),
    (
        lambda data: data["questions"][1].update(slot="happened_on"),
        "questions.how_much.slot: happened_on is asked by when_happened already",
    ),
    (lambda data: data["questions"].pop(2), "when.any[0].slot: no question and no words fill hurt"),
    (lambda data: data.update(fallback_category="none"), "fallback_category: there is no category none"),
    (lambda data: data["urgency"].update(deadline_slot="hurt"), "urgency.deadline_slot: there is no slot hurt"),
    (lambda data: data.update(time_zone="Mars/Olympus"), "time_zone: there is no time zone Mars/Olympus"),
    (lambda data: data["slots"].append(data["slots"][0]), "slots.happened_on: is there 2 times"),
    (lambda data: data["slots"][0].update(kind="choice"), "slots.happened_on.choices: a choice needs"),
]

REACH: list[tuple[Change, str]] = [
    (when({"all": [YES, NO]}), "questions.how_much.when: nobody can reach this question: its condition can never"),
    (when({"all": [YES, {"not": YES}]}), "questions.how_much.when: nobody can reach"),
    (when({"all": [{"category": ["wear"]}, {"category": ["crash"]}]}), "questions.how_much.when: nobody can"),
    (when({"all": [{"slot": "hurt"}, {"not": {"slot": "hurt"}}]}), "questions.how_much.when: nobody can"),
    (when({"all": [{"flag": ["injury"]}, {"not": {"flag": ["injury"]}}]}), "questions.how_much.when: nobody can"),
    (when(YES, question=2), "anybody_hurt.when: nobody can reach this question: its condition waits for hurt"),
    (
        lambda data: data["factors"][0].update(
            when={
                "all": [
                    {"slot": "damage", "at_least": 9},
                    {"not": {"slot": "damage", "at_least": 5}},
                ]
            }
        ),
        "factors.large_damage.when: the condition can never hold",
    ),
]


def test_two_questions_that_wait_for_each_other_are_found() -> None:
    def change(data: dict[str, Any]) -> None:
        data["slots"][0].pop("greedy")
        data["slots"][1].pop("greedy")
        data["questions"][0]["when"] = {"slot": "damage"}
        data["questions"][1]["when"] = {"slot": "happened_on"}

    found = problems(change)
    assert any("questions.when_happened.when: nobody" in one and "waits for damage" in one for one in found)
    assert any("questions.how_much.when: nobody" in one and "waits for happened_on" in one for one in found)


THRESHOLDS: list[tuple[Change, str]] = [
    (lambda data: data["complexity"].update(medium=6), "complexity.high: must be above medium"),
    (lambda data: data["complexity"]["limits"]["low"].update(least=9), "limits.low: least is more than most"),
    (lambda data: data["complexity"]["limits"]["high"].update(most=2), "limits.high.most: is less than for medium"),
    (lambda data: data["complexity"]["titles"].pop("low"), "complexity.titles.low: is missing"),
    (lambda data: data["urgency"]["hours"].pop("low"), "urgency.hours.low: is missing"),
    (lambda data: data["urgency"]["hours"].update(normal=24), "urgency.hours.normal: must be more than for high"),
]

WORDS: list[tuple[Change, str]] = [
    (lambda data: data["title"].pop("en"), "title.en: the translation is missing"),
    (
        lambda data: data["questions"][0]["hint"].pop("en"),
        "questions.when_happened.hint.en: the translation is missing",
    ),
    (lambda data: data["urgency"]["titles"]["low"].pop("en"), "urgency.titles.low.en: the translation is missing"),
    (lambda data: data["commands"]["skip"].pop("en"), "commands.skip.en: the translation is missing"),
    (lambda data: data["categories"][0]["terms"].pop("pt-BR"), "categories.crash.terms.pt-BR: the translation"),
    (lambda data: data["factors"][1]["when"]["says"].pop("en"), "factors.electric.when.says.en: the translation"),
    (lambda data: data["title"].update(fr="Vélo"), "title.fr: the flow does not speak this language"),
    (lambda data: data["negations"]["en"].append("(no"), "negations.en[4]: not a term"),
]


@pytest.mark.parametrize(("change", "problem"), [*SHAPES, *NAMES, *REACH, *THRESHOLDS, *WORDS])
def test_a_mistake_is_named_with_its_path(change: Change, problem: str) -> None:
    assert any(problem in found for found in problems(change)), problems(change)


def test_what_is_no_flow_at_all_is_refused() -> None:
    nonsense: list[object] = [None, [], "flow", 3]
    for data in nonsense:
        with pytest.raises(FlowInvalid):
            parse_flow(data)
