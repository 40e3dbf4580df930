from __future__ import annotations

from datetime import UTC, datetime

import pytest

from triage.flows.answers import read_answer, read_words
from triage.tests.reading_flow import EN, PT, WEDNESDAY, flow, question, reading, reply


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("ontem", "2026-03-03"),
        ("anteontem", "2026-03-02"),
        ("hoje de manhã", "2026-03-04"),
        ("semana passada", "2026-02-25"),
        ("no mês passado", "2026-02-04"),
        ("ano passado", "2025-03-04"),
        ("fui demitido há duas semanas", "2026-02-18"),
        ("há 3 anos", "2023-03-04"),
        ("faz uns dois meses", "2026-01-04"),
        ("há um ano e meio", "2024-09-04"),
        ("três dias atrás", "2026-03-01"),
        ("em 3 de março", "2026-03-03"),
        ("20 de dezembro", "2025-12-20"),
        ("1º de fevereiro", "2026-02-01"),
        ("primeiro de fevereiro de 2024", "2024-02-01"),
        ("três de março do ano passado", "2025-03-03"),
        ("15/mar/2025", "2025-03-15"),
        ("15 de mar. de 2025", "2025-03-15"),
        ("03/04/2025", "2025-04-03"),
        ("3/4/25", "2025-04-03"),
        ("3.4.2025", "2025-04-03"),
        ("05/03", "2025-03-05"),
        ("5/2", "2026-02-05"),
        ("2025-12-31", "2025-12-31"),
        ("dia 15", "2026-02-15"),
        ("dia quinze do mês passado", "2026-02-15"),
        ("dia 15 de janeiro", "2026-01-15"),
        ("segunda", "2026-03-02"),
        ("quinta-feira, dia 12", "2026-02-12"),
        ("domingo, 15 de fevereiro", "2026-02-15"),
        ("sexta 14h", "2026-02-27"),
        ("no começo de fevereiro", "2026-02-01"),
        ("na quarta", "2026-02-25"),
        ("sexta passada", "2026-02-27"),
        ("última sexta-feira", "2026-02-27"),
        ("sábado", "2026-02-28"),
        ("março de 2025", "2025-03-01"),
        ("em fevereiro", "2026-02-01"),
        ("março", "2026-03-01"),
        ("desde 2019", "2019-01-01"),
        ("2019", "2019-01-01"),
        ("31 de fevereiro", None),
        ("faz tempo", None),
        ("não sei", None),
    ],
)
def test_portuguese_days_that_lie_in_the_past(text: str, day: str | None) -> None:
    assert reply("happened", text, PT) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("yesterday", "2026-03-03"),
        ("the day before yesterday", "2026-03-02"),
        ("this morning", "2026-03-04"),
        ("last week", "2026-02-25"),
        ("last Friday", "2026-02-27"),
        ("on Wednesday", "2026-02-25"),
        ("two weeks ago", "2026-02-18"),
        ("a month ago", "2026-02-04"),
        ("a couple of years ago", "2024-03-04"),
        ("March 3", "2026-03-03"),
        ("3 March", "2026-03-03"),
        ("the 3rd of March, 2025", "2025-03-03"),
        ("Mar. 3rd 2025", "2025-03-03"),
        ("03/04/2025", "2025-04-03"),
        ("2025-12-31", "2025-12-31"),
        ("on the 15th", "2026-02-15"),
        ("the 15th", "2026-02-15"),
        ("Sunday, February 15", "2026-02-15"),
        ("Sunday the 15th of February", "2026-02-15"),
        ("in January", "2026-01-01"),
        ("March 2025", "2025-03-01"),
        ("since 2019", "2019-01-01"),
        ("February 30", None),
        ("a while ago", None),
    ],
)
def test_english_days_that_lie_in_the_past(text: str, day: str | None) -> None:
    assert reply("happened", text, EN) == day


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("amanhã às 14h", PT, "2026-03-05"),
        ("depois de amanhã", PT, "2026-03-06"),
        ("mês que vem", PT, "2026-04-04"),
        ("próxima semana", PT, "2026-03-11"),
        ("daqui a 10 dias", PT, "2026-03-14"),
        ("em duas semanas", PT, "2026-03-18"),
        ("na quarta", PT, "2026-03-11"),
        ("sexta que vem", PT, "2026-03-06"),
        ("até o dia 2", PT, "2026-04-02"),
        ("dia 4", PT, "2026-03-04"),
        ("3 de março", PT, "2027-03-03"),
        ("dia 10 do mês que vem", PT, "2026-04-10"),
        ("in two weeks", EN, "2026-03-18"),
        ("tomorrow at 2pm", EN, "2026-03-05"),
        ("next Monday", EN, "2026-03-09"),
        ("10 days from now", EN, "2026-03-14"),
        ("by the 2nd", EN, "2026-04-02"),
        ("May 5", EN, "2026-05-05"),
    ],
)
def test_days_that_lie_ahead(text: str, language: str, day: str) -> None:
    assert reply("hearing", text, language) == day


@pytest.mark.parametrize("text", ["há 3 anos", "há duas semanas", "mês passado", "em fevereiro", "desde 2019"])
def test_words_that_name_no_day_are_approximate(text: str) -> None:
    assert reading(text).approximate


@pytest.mark.parametrize("text", ["ontem", "há 3 dias", "3 de março", "dia 15", "sexta passada"])
def test_words_that_name_a_day_are_not(text: str) -> None:
    assert not reading(text).approximate


def test_a_day_that_fell_due_is_the_last_such_day() -> None:
    assert reading("dia 15 venceu").value == "2026-02-15"


@pytest.mark.parametrize(
    ("said_at", "text", "day"),
    [
        (datetime(2026, 1, 1, 15, tzinfo=UTC), "ontem", "2025-12-31"),
        (datetime(2026, 1, 1, 15, tzinfo=UTC), "dia 31", "2025-12-31"),
        (datetime(2026, 1, 1, 15, tzinfo=UTC), "mês passado", "2025-12-01"),
        (datetime(2026, 1, 1, 15, tzinfo=UTC), "20 de dezembro", "2025-12-20"),
        (datetime(2026, 3, 30, 15, tzinfo=UTC), "dia 31", "2026-01-31"),
        (datetime(2026, 3, 30, 15, tzinfo=UTC), "há um mês", "2026-02-28"),
        (datetime(2026, 3, 4, 15, tzinfo=UTC), "29 de fevereiro", "2024-02-29"),
        (datetime(2028, 2, 29, 15, tzinfo=UTC), "ano passado", "2027-02-28"),
        (datetime(2028, 3, 1, 15, tzinfo=UTC), "ontem", "2028-02-29"),
        (datetime(2026, 3, 5, 1, tzinfo=UTC), "hoje", "2026-03-04"),
        (datetime(2026, 3, 1, 1, tzinfo=UTC), "ontem", "2026-02-27"),
    ],
)
def test_ends_of_months_and_years_and_the_night_in_sao_paulo(said_at: datetime, text: str, day: str) -> None:
    assert reply("happened", text, PT, said_at) == day


def test_a_leap_day_to_come_is_years_away() -> None:
    assert reply("hearing", "29 de fevereiro") == "2028-02-29"


def test_english_patterns_are_not_used_on_portuguese_words() -> None:
    assert read_words(flow(), PT, "yesterday, March 3", WEDNESDAY) == ()
    assert read_words(flow(), EN, "ontem, em 3 de março", WEDNESDAY) == ()


def test_only_the_day_is_in_the_span() -> None:
    text = "Acho que é amanhã às 14h"
    (only,) = read_answer(flow(), PT, question("hearing"), text, WEDNESDAY)
    assert text[only.start : only.end] == "amanhã"
