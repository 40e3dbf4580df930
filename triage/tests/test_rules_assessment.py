from __future__ import annotations

from typing import Any

from triage.analysis.base import Assessment
from triage.tests.small_flow import Interview, flow_with


def assessed(interview: Interview) -> Assessment:
    assert interview.state.assessment is not None
    return interview.state.assessment


def test_nothing_known_is_the_fallback_category_and_little_confidence() -> None:
    interview = Interview()
    interview.say("preciso de ajuda")
    found = assessed(interview)
    assert found.category["id"] == "other"
    assert (found.level, found.score, found.confidence) == ("low", 0, 0.0)
    assert found.urgency["reason"] == "Nada apressa."


def test_confidence_grows_with_what_is_known_and_stays_below_one_until_confirmed() -> None:
    interview = Interview()
    seen = []
    for text in ("Bati na rua", "ontem", "R$ 300", "não"):
        interview.say(text)
        seen.append(assessed(interview).confidence)
    assert seen == sorted(set(seen))
    assert seen[-1] < 1


def test_two_categories_alike_are_less_certain_than_one() -> None:
    clear, torn = Interview(), Interview()
    clear.say("foi um acidente")
    torn.say("foi um acidente, mas ela range e está gasta")
    assert assessed(clear).confidence > assessed(torn).confidence
    assert [other["id"] for other in assessed(torn).alternatives] == ["wear"]


def test_the_score_is_the_sum_of_the_factors_and_sets_the_level() -> None:
    interview = Interview()
    interview.say("a elétrica bateu, R$ 1.000")
    found = assessed(interview)
    assert [(factor["id"], factor["weight"]) for factor in found.factors] == [("large_damage", 4), ("electric", 3)]
    assert (found.score, found.level) == (7, "high")
    assert found.factors[1]["evidence"][0]["text"] == "elétrica"


def test_the_most_urgent_rule_decides_and_says_why() -> None:
    interview = Interview()
    interview.say("A roda range desde ontem")
    urgency = assessed(interview).urgency
    assert (urgency["level"], urgency["title"], urgency["hours"]) == ("high", "Alta", 24)
    assert urgency["reason"] == "Acabou de acontecer."
    assert urgency["evidence"][0]["text"] == "ontem"


def test_a_rule_may_have_hours_of_its_own_and_a_slot_the_deadline() -> None:
    def change(data: dict[str, Any]) -> None:
        data["urgency"]["deadline_slot"] = "happened_on"
        data["urgency"]["rules"][0]["hours"] = 5

    interview = Interview(flow_with(change))
    interview.say("A roda range desde ontem")
    urgency = assessed(interview).urgency
    assert (urgency["hours"], urgency["deadline"]) == (5, "2026-03-09")


def test_a_rule_may_calm_what_is_normal_by_default() -> None:
    def change(data: dict[str, Any]) -> None:
        data["urgency"]["rules"][0].update(level="low", when={"category": ["wear"]})

    interview = Interview(flow_with(change))
    interview.say("A roda range")
    assert assessed(interview).urgency["level"] == "low"


def test_what_was_understood_is_shown_in_the_cases_language() -> None:
    interview = Interview(language="en")
    interview.say("I had a crash on 3 March and lost R$ 1.200")
    shown = {item["slot"]: item["text"] for item in assessed(interview).understood}
    assert shown == {"happened_on": "3 March 2026", "damage": "BRL 1,200.00"}


def test_the_same_words_are_assessed_alike_whenever_they_are_assessed() -> None:
    first, second = Interview(), Interview()
    for interview in (first, second):
        interview.say("Bati ontem")
    assert assessed(first) == assessed(second)
