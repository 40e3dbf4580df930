"""Whatever raises an alarm in one language raises it in the other, and what is harmless is so in both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from triage.analysis.base import Evidence, Finding, Known
from triage.analysis.rules import RulesAnalyzer
from triage.flows import parts
from triage.flows.answers import read_words
from triage.tests.test_the_catalogue_knows_every_category import NOW, facts_of, flow_named, hear, judge

PAIRS: Any = parts.read(Path(__file__).with_name("danger_in_both_languages.yaml"))
RAISED = [
    pytest.param(language, text, flag, id=f"{flag}-{text}")
    for flag, pairs in PAIRS["raised"].items()
    for pair in pairs
    for language, text in pair.items()
]
HARMLESS = [pytest.param(language, text, id=text) for pair in PAIRS["harmless"] for language, text in pair.items()]


def flags_raised(language: str, text: str) -> set[str]:
    """Heard as an opening is: with the slots that the words themselves fill."""
    facts = facts_of("legal-intake", language, text)
    read = read_words(facts.flow, language, text, NOW)
    slots = {one.slot: Known(one.value, Evidence("m1", one.start, one.end, "", one.source)) for one in read}
    finding: Finding = RulesAnalyzer().analyse(replace(facts, slots=slots))
    return {flag.id for flag in finding.red_flags}


@pytest.mark.parametrize(("language", "text", "flag"), RAISED)
def test_danger_is_heard_however_it_is_said_in_either_language(language: str, text: str, flag: str) -> None:
    assert flag in flags_raised(language, text)


@pytest.mark.parametrize(("language", "text"), HARMLESS)
def test_what_is_harmless_raises_no_alarm_in_either_language(language: str, text: str) -> None:
    assert flags_raised(language, text) == set()


def test_every_flag_was_tried_with_five_pairs_at_least() -> None:
    flow = flow_named("legal-intake")
    assert set(PAIRS["raised"]) == {flag.id for flag in flow.red_flags}
    for pairs in PAIRS["raised"].values():
        assert len(pairs) >= 5
        assert all(set(pair) == set(flow.languages) for pair in pairs)


@pytest.mark.parametrize(
    ("language", "text"),
    [("pt-BR", "ninguém sabe que ele me bate"), ("en", "nobody knows that he beats me")],
)
def test_what_others_do_not_know_is_not_denied(language: str, text: str) -> None:
    assert "violence_at_home" in {flag.id for flag in hear("legal-intake", language, text).red_flags}


@pytest.mark.parametrize(
    ("language", "text", "category"),
    [
        ("pt-BR", "Não me deixaram entrar no ônibus com minha cadeira de rodas", "rights"),
        ("en", "They wouldn't let me on the bus with my wheelchair", "rights"),
        ("pt-BR", "Meu voo atrasou nove horas e perdi a conexão", "money"),
        ("en", "My flight was nine hours late and I missed my connection", "money"),
    ],
)
def test_people_and_passengers_go_where_they_belong(language: str, text: str, category: str) -> None:
    assert hear("legal-intake", language, text).categories[0].id == category


@pytest.mark.parametrize("text", ["fiquei preso no elevador do prédio", "meu salário está preso no banco"])
def test_what_is_merely_stuck_is_no_crime(text: str) -> None:
    assert "crime" not in {category.id for category in hear("legal-intake", "pt-BR", text).categories}


@pytest.mark.parametrize(
    ("language", "text", "priority"),
    [
        ("en", "Nobody in the company can log in, everything is stopped", "P1"),
        ("pt-BR", "ninguém na empresa consegue entrar, está tudo parado", "P1"),
        ("en", "the whole team is stuck", "P2"),
        ("pt-BR", "toda a equipe parada", "P2"),
    ],
)
def test_who_is_stopped_makes_the_priority_of_a_ticket(language: str, text: str, priority: str) -> None:
    told = {one.slot: one.value for one in read_words(flow_named("it-support"), language, text, NOW)}
    assert judge("it-support", language, text, **told).urgency["title"].startswith(priority)


def test_who_left_three_years_ago_is_told_that_it_may_be_too_late() -> None:
    late = judge("legal-intake", "pt-BR", "fui demitido sem receber o acerto", last_day="2022-05-01")
    in_time = judge("legal-intake", "pt-BR", "fui demitido sem receber o acerto", last_day="2025-05-01")
    assert "pode já ter passado" in late.urgency["reason"]
    assert late.urgency_level == "high"
    assert "pode já ter passado" not in in_time.urgency["reason"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pt-BR", "Meu marido me bateu ontem e disse que vai me matar se eu sair de casa"),
        ("pt-BR", "ele quer me matar"),
        ("en", "My husband hit me yesterday and says he will kill me if I leave"),
    ],
)
def test_a_threat_by_another_is_no_thought_of_ones_own_death(language: str, text: str) -> None:
    raised = flags_raised(language, text)
    assert raised
    assert "self_harm" not in raised
