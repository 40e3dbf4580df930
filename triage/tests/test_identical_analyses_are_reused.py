"""The same words about the same flow are analysed once; a result that was reused says so and cost nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from triage.analysis.base import Cost, Evidence, Facts, Finding, Scored, Utterance
from triage.analysis.reuse import Reusing
from triage.tests.small_flow import NOON, SMALL
from triage_project.tests.faulty_valkey import FaultyValkey

pytestmark = pytest.mark.django_db


class Paid:
    """Quotes the last utterance, and counts how often it was asked."""

    name = "paid"

    def __init__(self) -> None:
        self.asked = 0

    def analyse(self, facts: Facts) -> Finding:
        self.asked += 1
        last = facts.utterances[-1]
        evidence = Evidence(last.message_id, 0, 3, last.text[:3], "model:paid")
        return Finding(self.name, (Scored("crash", 0.9, (evidence,)),), (), (), "neutral", (), cost=Cost(90, 10, 0.02))


def facts(*texts: str, prefix: str = "a", version: int = 1) -> Facts:
    said = tuple(Utterance(f"{prefix}{number}", text) for number, text in enumerate(texts))
    return Facts(SMALL, "en", NOON, {}, said, version)


def test_the_second_time_costs_nothing_and_quotes_the_case_at_hand(valkey: FaultyValkey) -> None:
    paid = Paid()
    analyzer = Reusing(paid, "v1")
    first = analyzer.analyse(facts("A crash", "yesterday"))
    again = analyzer.analyse(facts("A crash", "yesterday", prefix="b"))
    assert paid.asked == 1
    assert (first.notes, first.cost.dollars) == ((), 0.02)
    assert (again.notes, again.cost) == (("reused",), Cost())
    assert again.categories[0].evidence[0].message_id == "b1"
    assert replace(again, notes=(), cost=first.cost, categories=()) == replace(first, categories=())


def test_other_words_another_version_and_another_model_are_analysed_anew(valkey: FaultyValkey) -> None:
    paid = Paid()
    analyzer = Reusing(paid, "v1")
    for one in (facts("A crash"), facts("A crash!"), facts("A crash", version=2)):
        analyzer.analyse(one)
    Reusing(paid, "v2").analyse(facts("A crash"))
    assert paid.asked == 4


def test_the_same_words_as_an_answer_to_a_closed_question_are_analysed_anew(valkey: FaultyValkey) -> None:
    paid = Paid()
    analyzer = Reusing(paid, "v1")
    told = facts("A crash")
    for settled in (None, (0, 7)):
        analyzer.analyse(replace(told, utterances=(replace(told.utterances[0], settled=settled),)))
    assert paid.asked == 2


def test_without_redis_everything_is_analysed_anew(valkey: FaultyValkey) -> None:
    paid = Paid()
    valkey.kill()
    for _ in range(2):
        assert Reusing(paid, "v1").analyse(facts("A crash")).notes == ()
    assert paid.asked == 2
    valkey.start()
