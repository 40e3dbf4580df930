from __future__ import annotations

import pytest

from triage.tests.reading_flow import EN, PT, heard, reais, reply


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("R$ 12.000", "12000.00"),
        ("R$12.000,50", "12000.50"),
        ("r$ 350", "350.00"),
        ("R$ 1.234.567,89", "1234567.89"),
        ("R$ 1,200.50", "1200.50"),
        ("12 mil reais", "12000.00"),
        ("12 mil e 500 reais", "12500.00"),
        ("1,2 milhão de reais", "1200000.00"),
        ("um milhão e meio de reais", "1500000.00"),
        ("R$ 5 mil", "5000.00"),
        ("meio milhão de reais", "500000.00"),
        ("1.200 reais", "1200.00"),
        ("doze mil reais", "12000.00"),
        ("mil reais", "1000.00"),
        ("duzentos e cinquenta reais", "250.00"),
        ("dez mil e quinhentos reais", "10500.00"),
        ("12 reais e 50 centavos", "12.50"),
        ("BRL 500", "500.00"),
    ],
)
def test_sums_in_reais(text: str, amount: str) -> None:
    assert heard(f"perdi {text} nisso") == {"claim": reais(amount)}


@pytest.mark.parametrize(
    ("text", "language", "amount", "currency"),
    [
        ("US$ 5,000.00", EN, "5000.00", "USD"),
        ("$1,234", EN, "1234.00", "USD"),
        ("5k dollars", EN, "5000.00", "USD"),
        ("one hundred and twenty dollars", EN, "120.00", "USD"),
        ("a thousand euros", EN, "1000.00", "EUR"),
        ("half a million dollars", EN, "500000.00", "USD"),
        ("1.5 million reais", EN, "1500000.00", "BRL"),
        ("€ 300", PT, "300.00", "EUR"),
        ("300 dólares", PT, "300.00", "USD"),
        ("$ 300", PT, "300.00", "BRL"),
        ("£20.50", EN, "20.50", "GBP"),
        ("300 USD", PT, "300.00", "USD"),
    ],
)
def test_sums_in_other_currencies(text: str, language: str, amount: str, currency: str) -> None:
    assert heard(f"lost: {text}", language) == {"claim": {"amount": amount, "currency": currency}}


@pytest.mark.parametrize(
    "text",
    ["R$ -500", "-R$ 500", "R$ 9.999.999.999.999", "R$ 12.00.1", "dois e três reais", "R$", "reais", "R$ 1.2345,6"],
)
def test_what_is_no_sum_anybody_owes_gives_nothing(text: str) -> None:
    assert heard(text) == {}


@pytest.mark.parametrize(
    ("text", "language", "amount"),
    [
        ("12.000", PT, "12000.00"),
        ("12000", PT, "12000.00"),
        ("doze mil", PT, "12000.00"),
        ("12 mil", PT, "12000.00"),
        ("12k", PT, "12000.00"),
        ("uns 12 mil no total", PT, "12000.00"),
        ("acho que 1.500,75.", PT, "1500.75"),
        ("nada além de R$ 80, em 3 de março", PT, "80.00"),
        ("12 mil, desde o dia 15", PT, "12000.00"),
        ("about 12,000", EN, "12000.00"),
        ("twelve thousand", EN, "12000.00"),
    ],
)
def test_asked_for_a_sum_a_bare_number_is_in_the_flows_currency(text: str, language: str, amount: str) -> None:
    assert reply("claim", text, language) == reais(amount)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("tenho 34 anos", PT),
        ("I am 34 years old", EN),
        ("tenho 2 filhos", PT),
        ("nasci em 1985", PT),
        ("em 2019", PT),
        ("em 3 de março", PT),
        ("art. 477 da CLT", PT),
        ("lei 8.245/91", PT),
        ("(11) 98765-4321", PT),
        ("11 98765 4321", PT),
        ("11987654321", PT),
        ("123.456.789-09", PT),
        ("0001234-56.2025.8.26.0100", PT),
        ("-500", PT),
        ("10%", PT),
        ("às 14h", PT),
        ("entre 5 e 10", PT),
    ],
)
def test_asked_for_a_sum_other_figures_give_nothing(text: str, language: str) -> None:
    assert reply("claim", text, language) is None


def test_thousands_without_a_currency_are_a_sum_only_beside_words_that_say_so() -> None:
    assert heard("me devem 12 mil de férias") == {"claim": reais("12000.00")}
    assert heard("eram 12 mil pessoas") == {}
    assert heard("eram uns 12 mil") == {}
