"""How long somebody has lived or worked somewhere does not date what happened to them."""

from __future__ import annotations

import pytest

from triage.tests.reading_flow import EN, PT, heard, reply


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("moro nessa casa há vinte anos e o muro caiu", PT),
        ("trabalho lá desde 2019 e não me pagam", PT),
        ("sou casada faz 12 anos", PT),
        ("I've lived here since 2010 and they want me out", EN),
        ("I have been working there since May 2019", EN),
    ],
)
def test_how_long_something_has_been_so_is_no_day_of_it(text: str, language: str) -> None:
    assert "happened" not in heard(text, language)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("moro aqui há vinte anos e ontem o muro caiu", "2026-03-03"),
        ("moro de aluguel e há dois dias cortaram a luz", "2026-03-02"),
        ("eles não pagam desde 5 de janeiro", "2026-01-05"),
        ("moro aqui e fui demitido há dois dias", "2026-03-02"),
    ],
)
def test_what_did_happen_is_dated_all_the_same(text: str, day: str) -> None:
    assert heard(text)["happened"] == day


def test_it_answers_the_question_when_something_began() -> None:
    assert reply("happened", "moro lá há dois dias") == "2026-03-02"
