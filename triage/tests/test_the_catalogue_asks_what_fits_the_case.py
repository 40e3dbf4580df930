"""Estates, businesses, rights, public bodies and courts: what is told is not asked, and nothing absurd is."""

from __future__ import annotations

import pytest

from triage.flows.engine import InterviewState
from triage.tests.test_the_catalogue_knows_every_category import flow_named, interview, judge


def talk(language: str, opening: str) -> InterviewState:
    """Every choice is answered with its first, so that follow-up questions come."""
    flow = flow_named("legal-intake")
    slots = {slot.id: slot for slot in flow.slots}
    answers = {
        question.id: slots[question.slot].choices[0].title[language]
        for question in flow.questions
        if slots[question.slot].choices
    }
    return interview("legal-intake", language, opening, answers, {"pt-BR": "não", "en": "no"}[language])


@pytest.mark.parametrize(
    ("language", "opening", "category", "told", "untold"),
    [
        (
            "pt-BR",
            "meu sócio na lanchonete desviou dinheiro do caixa, foi tudo combinado de boca",
            "business",
            {"business_matter": "partners", "business_worst": "money_taken", "business_contract": "no"},
            {"which_business_matter", "what_happened_to_business", "any_business_contract"},
        ),
        (
            "en",
            "My father died without a will and my brother took over the house, his inheritance",
            "estates",
            {"estate_relation": "parent", "estate_held_by": "one_heir", "estate_will": "no"},
            {"who_is_it_about", "who_holds_it", "is_there_a_will"},
        ),
        (
            "pt-BR",
            "vazaram meus dados e a empresa se recusa a apagar, é a LGPD",
            "rights",
            {"rights_matter": "data"},
            {"which_right", "where_was_it", "was_it_reported_rights"},
        ),
        (
            "en",
            "The city fined me for building without a permit",
            "government",
            {"gov_level": "city", "gov_answer": "notice"},
            {"other_side_kind", "which_gov_level", "what_did_they_answer"},
        ),
        (
            "pt-BR",
            "chegou uma citação, um banco me processou",
            "courts",
            {"court_paper": "sued", "court_side": "defendant", "court_branch": "small_claims"},
            {"case_kind", "court_case", "which_court_paper", "which_court_side", "which_court_branch", "when_happened"},
        ),
    ],
)
def test_what_was_told_is_not_asked(
    language: str, opening: str, category: str, told: dict[str, str], untold: set[str]
) -> None:
    state = talk(language, opening)
    assert state.assessment is not None
    assert state.assessment.category["id"] == category
    assert {slot: state.slots[slot].value for slot in told} == told
    assert not untold & set(state.asked)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"estate_matter": "inheritance", "happened_on": "2025-04-15"}, "dois meses para abrir o inventário"),
        ({"estate_matter": "inheritance", "happened_on": "2025-04-15", "estate_started": "notary"}, None),
        ({"estate_matter": "inheritance", "happened_on": "2024-01-15"}, None),
    ],
)
def test_the_two_months_for_an_estate_press_only_while_they_end(values: dict[str, str], says: str | None) -> None:
    case = judge("legal-intake", "pt-BR", "quero abrir o inventário da herança do meu pai falecido", **values)
    assert ("dois meses para abrir o inventário" in case.urgency["reason"]) == (says is not None)


@pytest.mark.parametrize(("refused_on", "presses"), [("2025-02-20", True), ("2024-12-01", False)])
def test_the_writ_of_120_days_presses_while_it_can_still_be_had(refused_on: str, presses: bool) -> None:
    case = judge(
        "legal-intake", "en", "City hall refused my building permit", gov_answer="refused", happened_on=refused_on
    )
    assert ("120 days" in case.urgency["reason"]) == presses


def test_who_was_served_is_asked_on_what_day() -> None:
    assert "when_served" in talk("en", "I was served, my bank sued me, the court letter came").asked
