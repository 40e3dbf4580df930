"""The catalogue's own flows, heard through the rules: who says what ends up where.

The sentences are those of people, in `catalogue_sentences.yaml`, and do not merely repeat the flows' terms.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from triage.analysis.assess import assess
from triage.analysis.base import Assessment, Evidence, Facts, Finding, Known, Utterance
from triage.analysis.rules import RulesAnalyzer
from triage.flows import parts
from triage.flows.answers import read_words
from triage.flows.checks import check_flow
from triage.flows.engine import InterviewState, Said, begin, step
from triage.flows.loader import CATALOGUE, read_flow
from triage.flows.schema import Flow

NOW = datetime(2025, 6, 4, 15, 0, tzinfo=UTC)  # a Wednesday
SENTENCES: Any = parts.read(Path(__file__).with_name("catalogue_sentences.yaml"))


@cache
def flow_named(name: str) -> Flow:
    return read_flow(CATALOGUE / f"{name}.yaml")


def facts_of(flow: str, language: str, text: str, **values: Any) -> Facts:
    slots = {slot: Known(value, Evidence("m2", 0, 0, "", "answer")) for slot, value in values.items()}
    return Facts(flow_named(flow), language, NOW, slots, (Utterance("m1", text),))


def hear(flow: str, language: str, text: str) -> Finding:
    return RulesAnalyzer().analyse(facts_of(flow, language, text))


def judge(flow: str, language: str, text: str, **values: Any) -> Assessment:
    facts = facts_of(flow, language, text, **values)
    return assess(facts, RulesAnalyzer().analyse(facts))


def understood(flow: str, language: str, text: str) -> dict[str, Any]:
    return {item.slot: item.value for item in read_words(flow_named(flow), language, text, NOW)}


def interview(flow: str, language: str, opening: str, answers: dict[str, str], otherwise: str) -> InterviewState:
    state, text = begin(flow_named(flow), language), opening
    for number in range(50):
        after = step(state, Said(f"m{number}", text, NOW, f"r{number}"), RulesAnalyzer())
        state = after.state
        if after.done:
            return state
        text = answers.get(state.current or "", otherwise)
    raise AssertionError("the interview does not end")


def spoken(kind: str) -> list[Any]:
    return [
        pytest.param(flow, language, text, expected, id=f"{expected}-{text}")
        for flow, kinds in SENTENCES.items()
        for expected, languages in kinds[kind].items()
        for language, texts in languages.items()
        for text in texts
    ]


@pytest.mark.parametrize("name", ["legal-intake", "it-support"])
def test_the_flow_has_no_mistakes(name: str) -> None:
    assert check_flow(flow_named(name)) == []


@pytest.mark.parametrize(("flow", "language", "text", "expected"), spoken("categories"))
def test_what_people_say_leads_to_its_category(flow: str, language: str, text: str, expected: str) -> None:
    best, *others = hear(flow, language, text).categories
    assert best.id == expected
    assert all(other.score < best.score for other in others)


@pytest.mark.parametrize(("flow", "language", "text", "expected"), spoken("red_flags"))
def test_danger_is_heard_however_it_is_said(flow: str, language: str, text: str, expected: str) -> None:
    assert expected in {flag.id for flag in hear(flow, language, text).red_flags}


@pytest.mark.parametrize(
    ("flow", "language", "text"),
    [
        pytest.param(flow, language, text, id=text)
        for flow, kinds in SENTENCES.items()
        for language, texts in kinds["harmless"].items()
        for text in texts
    ],
)
def test_harmless_words_raise_no_alarm(flow: str, language: str, text: str) -> None:
    assert hear(flow, language, text).red_flags == ()


@pytest.mark.parametrize("name", ["legal-intake", "it-support"])
def test_every_category_and_red_flag_was_tried_in_both_languages(name: str) -> None:
    flow, tried = flow_named(name), SENTENCES[name]
    categories = {category.id for category in flow.categories if category.id != flow.fallback_category}
    flags = {flag.id for flag in flow.red_flags}
    assert set(tried["categories"]) == categories
    assert set(tried["red_flags"]) == flags
    for said in (*tried["categories"].values(), *tried["red_flags"].values()):
        assert all(len(said[language]) >= 3 for language in flow.languages)


def test_every_category_says_what_to_bring_and_what_to_do() -> None:
    for name in ("legal-intake", "it-support"):
        for category in flow_named(name).categories:
            assert category.documents, category.id
            assert category.next_steps, category.id


def test_every_danger_in_a_legal_case_is_critical_and_most_name_a_number_to_call() -> None:
    flags = flow_named("legal-intake").red_flags
    assert {flag.urgency for flag in flags} == {"critical"}
    assert {flag.id for flag in flags if not flag.numbers} == {"court_deadline"}


def test_the_opening_words_fill_what_they_tell() -> None:
    told = understood("legal-intake", "pt-BR", "Fui demitido em 3 de março sem receber R$ 12.000")
    assert told["happened_on"] == "2025-03-03"
    assert told["amount"] == {"amount": "12000.00", "currency": "BRL"}
    assert understood("legal-intake", "pt-BR", "segunda tem audiência")["deadline"] == "2025-06-09"
    assert understood("legal-intake", "en", "My landlord wants me out by Friday")["deadline"] == "2025-06-06"
    assert understood("legal-intake", "pt-BR", "tenho dois sócios na padaria")["parties_count"] == 2
    assert understood("legal-intake", "en", "I have two partners in the bakery")["parties_count"] == 2


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Fui demitido sem justa causa e não recebi a rescisão", "low"),
        ("Comprei uma geladeira pela internet e ela veio quebrada", "low"),
        ("Briguei com meus sócios porque registraram a nossa marca no nome de um deles", "medium"),
        ("Meu sócio na Argentina usa nossa marca registrada e a empresa entrou em recuperação judicial", "high"),
    ],
)
def test_a_case_is_as_complex_as_what_is_in_it(text: str, level: str) -> None:
    assert judge("legal-intake", "pt-BR", text).level == level


def test_a_plain_dismissal_takes_five_to_eight_questions() -> None:
    answers = {
        "which_contract": "carteira assinada",
        "last_day_worked": "3 de março",
        "what_was_paid": "nada",
        "how_much": "R$ 12.000",
        "what_papers": "sim",
        "income": "sim",
    }
    state = interview("legal-intake", "pt-BR", "Fui mandado embora e não me pagaram o acerto", answers, "não")
    assert state.assessment is not None
    assert (state.assessment.category["id"], state.assessment.level) == ("work", "low")
    assert 5 <= len(state.asked) <= 8
    assert {"severance", "contract_type", "last_day"} <= set(state.slots)


@pytest.mark.parametrize("language", ["pt-BR", "en"])
@pytest.mark.parametrize("name", ["legal-intake", "it-support"])
def test_who_knows_nothing_still_reaches_the_end(name: str, language: str) -> None:
    opening = {"pt-BR": "preciso de ajuda com uma coisa", "en": "I need help with something"}[language]
    state = interview(name, language, opening, {}, {"pt-BR": "não sei", "en": "I don't know"}[language])
    assert state.assessment is not None
    assert state.assessment.category["id"] == flow_named(name).fallback_category


_PRIORITIES = {
    ("company", "stopped"): "critical",
    ("company", "slowed"): "high",
    ("team", "stopped"): "high",
    ("company", "can_wait"): "normal",
    ("team", "slowed"): "normal",
    ("one_person", "stopped"): "normal",
    ("team", "can_wait"): "low",
    ("one_person", "slowed"): "low",
    ("one_person", "can_wait"): "low",
}


@pytest.mark.parametrize(
    ("impact", "urgency"), [*product(("one_person", "team", "company"), ("can_wait", "slowed", "stopped"))]
)
def test_impact_and_urgency_make_the_priority_of_a_ticket(impact: str, urgency: str) -> None:
    ticket = judge("it-support", "en", "the coffee list is wrong", impact=impact, urgency_felt=urgency)
    assert ticket.urgency_level == _PRIORITIES[impact, urgency]
    numbers = {"critical": "P1", "high": "P2", "normal": "P3", "low": "P4"}
    assert ticket.urgency["title"][:2] == numbers[ticket.urgency_level]
