from __future__ import annotations

from typing import Any

import pytest

from triage.analysis.base import Facts, Finding, Utterance
from triage.flows.schema import Flow
from triage.tests.small_flow import NOON, RULES, SMALL, Interview, flow_with


def analyse(*texts: str, flow: Flow = SMALL, language: str = "pt-BR") -> Finding:
    utterances = tuple(Utterance(f"m{number}", text) for number, text in enumerate(texts))
    return RULES.analyse(Facts(flow, language, NOON, {}, utterances))


def test_nothing_said_speaks_for_nothing() -> None:
    finding = analyse("preciso de ajuda")
    assert finding.categories == ()
    assert finding.keywords == ()
    assert finding.sentiment == "neutral"


def test_a_strong_term_speaks_louder_than_a_plain_one() -> None:
    finding = analyse("o freio range, foi um acidente")
    assert [category.id for category in finding.categories] == ["crash", "wear"]
    assert finding.categories[0].score == pytest.approx(3 * finding.categories[1].score)


def test_different_terms_weigh_more_than_the_same_again() -> None:
    def crash(text: str) -> float:
        return analyse(text).categories[0].score

    assert crash("caí na rua") > crash("caí e caí") > crash("caí")


def test_the_shares_never_exceed_one() -> None:
    finding = analyse("bati, acidente, caí na rua, range, freio gasto, crash, worn", "squeak " * 50)
    assert 0 < sum(category.score for category in finding.categories) <= 1


def test_evidence_shows_the_words_and_where() -> None:
    (crash,) = analyse("Olá", "Foi um Acidente").categories
    (evidence,) = crash.evidence
    assert (evidence.message_id, evidence.start, evidence.end, evidence.text) == ("m1", 7, 15, "Acidente")
    assert evidence.source == "term:crash"


def test_people_mix_languages() -> None:
    assert analyse("tive um crash ontem").categories[0].id == "crash"


def test_keywords_are_the_persons_own_words_and_none_is_part_of_another() -> None:
    finding = analyse("O FREIO GASTO range, a roda está gasta")
    assert finding.keywords[0] == "FREIO GASTO"
    assert set(finding.keywords) == {"FREIO GASTO", "range", "gasta"}


def test_the_mood_is_heard_but_not_when_it_is_denied() -> None:
    assert analyse("estou furiosa e triste").sentiment == "negative"
    assert analyse("obrigada, estou contente").sentiment == "positive"
    assert analyse("não estou nada contente").sentiment == "neutral"


def test_the_category_that_the_person_names_is_certain() -> None:
    def ask(data: dict[str, Any]) -> None:
        title = {"pt-BR": "O que foi?", "en": "What was it?"}
        data["slots"].append({"id": "trouble", "title": title, "kind": "category"})
        data["questions"].append({"id": "trouble", "slot": "trouble", "text": title, "reason": title, "weight": 99})

    interview = Interview(flow_with(ask))
    interview.say("caí, e agora range")
    assert interview.state.current == "trouble"
    interview.say("Desgaste")
    assert interview.state.assessment is not None
    assert interview.state.assessment.category["id"] == "wear"
    assert interview.state.assessment.category["evidence"][0]["source"] == "answer:trouble"
    assert interview.state.assessment.alternatives == []
