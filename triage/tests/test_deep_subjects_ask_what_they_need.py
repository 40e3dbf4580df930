"""Subjects with questions of their own: what is told is not asked, and what would make no sense is not either."""

from __future__ import annotations

import pytest

from triage.tests.test_the_catalogue_knows_every_category import flow_named, hear, interview, judge, understood

DEEP = ("traffic", "torts", "immigration", "health", "benefits", "education")


@pytest.mark.parametrize(
    ("opening", "pointless"),
    [
        (
            "chegou uma multa de velocidade de uma cidade onde nunca estive",
            {"anyone_hurt", "how_much", "other_side_kind"},
        ),
        ("o hospital errou na cirurgia da minha mãe", {"is_life_at_risk", "has_prescription"}),
        ("o convênio negou as terapias do meu filho autista", {"who_should_care", "other_side_kind"}),
        ("meu visto venceu e não consigo agendar na polícia federal", {"other_country", "other_side_kind"}),
        ("a faculdade não me entrega o diploma", {"which_stage", "is_out_of_school"}),
    ],
)
def test_nothing_pointless_is_asked(opening: str, pointless: set[str]) -> None:
    state = interview("legal-intake", "pt-BR", opening, {"any_deadline": "não"}, "não sei")
    assert state.asked
    assert pointless.isdisjoint(state.asked)


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        (
            "pt-BR",
            "parei na blitz, não quis soprar e sou motorista",
            {"drink_test": "refused", "lives_by_driving": "yes"},
        ),
        ("en", "they towed my car because the registration was overdue", {"seized_why": "papers"}),
        ("pt-BR", "sou boliviana e meu filho nasceu aqui", {"came_from": "mercosur", "brazil_tie": "child"}),
        ("en", "INSS denied my sickness benefit", {"benefit_kind": "sickness", "benefit_state": "denied"}),
        ("pt-BR", "a escola municipal está sem professor", {"school_kind": "public"}),
        ("en", "my health plan was cancelled", {"care_payer": "plan", "plan_standing": "cancelled"}),
    ],
)
def test_what_is_told_is_known(language: str, text: str, told: dict[str, str]) -> None:
    assert told.items() <= understood("legal-intake", language, text).items()


@pytest.mark.parametrize(
    ("language", "text"),
    [("pt-BR", "tenho 60 dias para sair do Brasil"), ("en", "I was given sixty days to get out of Brazil")],
)
def test_an_order_to_leave_the_country_is_no_eviction(language: str, text: str) -> None:
    assert "eviction_dated" not in {flag.id for flag in hear("legal-intake", language, text).red_flags}


def test_a_bite_is_urgent_while_it_is_fresh() -> None:
    fresh = judge(
        "legal-intake", "pt-BR", "fui mordido", case_kind="torts", tort_matter="animal", happened_on="2025-06-03"
    )
    old = judge(
        "legal-intake", "pt-BR", "fui mordido", case_kind="torts", tort_matter="animal", happened_on="2025-03-03"
    )
    assert (fresh.urgency_level, old.urgency_level) == ("high", "normal")


@pytest.mark.parametrize("category", DEEP)
def test_each_has_enough_of_what_people_say(category: str) -> None:
    flow = flow_named("legal-intake")
    for language in flow.languages:
        assert len(flow.examples[category][language]) >= 25
        assert len(flow.held_out[category][language]) >= 10
