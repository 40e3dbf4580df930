from __future__ import annotations

from typing import Any

import pytest

from triage.flows.answers import show_value
from triage.tests.reading_flow import EN, PT, flow, reais


@pytest.mark.parametrize(
    ("slot", "value", "portuguese", "english"),
    [
        ("claim", reais("12000.00"), "R$ 12.000,00", "BRL 12,000.00"),
        ("claim", {"amount": "5.50", "currency": "CHF"}, "CHF 5,50", "CHF 5.50"),
        ("happened", "2026-03-03", "3 de março de 2026", "3 March 2026"),
        ("signed", True, "sim", "yes"),
        ("signed", False, "não", "no"),
        ("partners", 2.5, "2,5", "2.5"),
        ("partners", 1500, "1500", "1500"),
        ("reason", "unfair", "Sem justa causa", "Without cause"),
        ("subject", "family", "Família e filhos", "Family and children"),
        ("where", "Recife", "Recife", "Recife"),
        ("reason", "gone", "gone", "gone"),
        ("happened", "someday", "someday", "someday"),
    ],
)
def test_a_value_is_shown_as_people_write_it(slot: str, value: Any, portuguese: str, english: str) -> None:
    shown = next(one for one in flow().slots if one.id == slot)
    assert show_value(flow(), PT, shown, value) == portuguese
    assert show_value(flow(), EN, shown, value) == english
