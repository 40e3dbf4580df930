"""A case is as hard as its own matter makes it, whatever else its words remind of."""

from __future__ import annotations

from typing import Any

import pytest

from triage.tests.small_flow import Interview
from triage.tests.test_the_catalogue_knows_every_category import flow_named, interview

ANSWERS = {"any_deadline": "não", "what_papers": "sim, alguma coisa"}


def told(text: str, language: str) -> Any:
    state = interview("legal-intake", language, text, ANSWERS, "não sei")
    assert state.assessment is not None
    return state


def factors(state: Any) -> set[str]:
    return {factor["id"] for factor in state.assessment.factors}


@pytest.mark.parametrize(
    ("text", "language", "category", "not_there"),
    [
        ("the hospital keeps cancelling my surgery, the examiner said to wait", "en", "health", "incapacity_to_prove"),
        ("sou autônomo e o dono do apartamento aumentou o aluguel", "pt-BR", "housing", "disguised_employment"),
        ("sou servidora pública e quero o divórcio", "pt-BR", "family", "public_opponent"),
        ("fui citada num processo e estou sem advogado", "pt-BR", "courts", "existing_lawsuit"),
    ],
)  # fmt: skip
def test_what_belongs_to_another_subject_makes_it_no_harder(
    text: str, language: str, category: str, not_there: str
) -> None:
    state = told(text, language)
    assert state.assessment.category["id"] == category
    assert not_there not in factors(state)


@pytest.mark.parametrize(
    ("text", "language", "category", "factor"),
    [
        ("peço refúgio, meu protocolo venceu e não consigo renovar", "pt-BR", "immigration", "refuge"),
        ("sou angolano e quero trazer minha esposa para cá", "pt-BR", "immigration", "international"),
        ("minha advogada não responde há meses e a ação não anda", "pt-BR", "courts", "lawyer_gone"),
        ("ligaram fingindo ser do banco, caí no golpe e fiz um pix", "pt-BR", "money", "unknown_opponent"),
        ("o cartório se negou a registrar meu nome social, sou travesti", "pt-BR", "rights", "public_opponent"),
        ("estou sendo processado pelo banco por uma dívida do cartão de crédito", "pt-BR", "money", "existing_lawsuit"),
    ],
)  # fmt: skip
def test_what_belongs_to_it_does(text: str, language: str, category: str, factor: str) -> None:
    state = told(text, language)
    assert state.assessment.category["id"] == category
    assert factor in factors(state)


@pytest.mark.parametrize(
    ("first", "later", "slot"),
    [
        ("Ainda trabalho lá e não recebo hora extra", "Não. Aí me dispensaram e parou tudo.", "still_working"),
        ("Emprestei 3 mil reais e meu amigo não me paga, me deve", "Não. Na verdade ele me deve 9 mil.", "amount"),
        ("Tenho audiência no fórum dia 30 de março", "Não sei. A audiência é dia 20 de março.", "deadline"),
        ("O aluguel está em dia mas o dono quer a casa de volta", "Não. Eu devo dois meses de aluguel.", "rent_late"),
    ],
)  # fmt: skip
def test_what_is_told_another_way_in_passing_is_noticed(first: str, later: str, slot: str) -> None:
    talk = Interview(flow_named("legal-intake"))
    talk.say(first)
    assert slot in talk.values
    talk.say(later)
    assert slot in talk.state.contests
