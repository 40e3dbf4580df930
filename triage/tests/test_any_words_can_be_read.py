from __future__ import annotations

import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.analysis.base import Reading
from triage.flows.answers import read_answer, read_words, show_value
from triage.flows.schema import Question
from triage.tests.reading_flow import EN, PT, WEDNESDAY, flow, reais, reply

_WORDS = """
R$ 12.000,50 3 de março 31 fevereiro há anos dia segunda sócios mil e meio milhões reais 1/2 2025 in weeks ago
the 15th March audiência , . - / º não sim dois cem 99999999999999999999 $ € k % ß İ ﬁ \u0301 do ano mês que vem
"""
_PIECES = st.sampled_from(_WORDS.split())
_TEXTS = st.one_of(st.text(max_size=80), st.lists(_PIECES, max_size=12).map(" ".join), st.lists(_PIECES).map("".join))
_LANGUAGES = st.sampled_from([PT, EN])
_QUESTIONS = st.sampled_from(flow().questions)
_TIMES = st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


def _check(text: str, readings: tuple[Reading, ...]) -> None:
    slots = [one.slot for one in readings]
    assert len(slots) == len(set(slots))
    for one in readings:
        assert 0 <= one.start < one.end <= len(text)
        assert text[one.start : one.end].strip()


@settings(deadline=None, max_examples=300)
@given(text=_TEXTS, language=_LANGUAGES, question=_QUESTIONS, at=_TIMES)
def test_no_words_break_the_reader(text: str, language: str, question: Question, at: datetime) -> None:
    _check(text, read_words(flow(), language, text, at))
    _check(text, read_answer(flow(), language, question, text, at))


@given(day=st.dates(date(1901, 1, 1), date(2099, 12, 31)), language=_LANGUAGES)
def test_a_day_written_for_people_is_read_back(day: date, language: str) -> None:
    slot = next(one for one in flow().slots if one.id == "happened")
    shown = show_value(flow(), language, slot, day.isoformat())
    assert reply("happened", shown, language) == day.isoformat()
    around = {PT: f"Tudo começou em {shown} e segue assim", EN: f"It all began on {shown} and goes on"}[language]
    assert reply("happened", around, language) == day.isoformat()


@given(cents=st.integers(0, 10**14))
def test_a_sum_written_for_people_is_read_back(cents: int) -> None:
    slot = next(one for one in flow().slots if one.id == "claim")
    value = reais(str((Decimal(cents) / 100).quantize(Decimal("0.01"))))
    assert reply("claim", show_value(flow(), PT, slot, value)) == value
    assert reply("claim", show_value(flow(), EN, slot, value), EN) == value
    assert reply("claim", f"me devem {show_value(flow(), PT, slot, value)}, desde sempre") == value


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1.",
        "mil ",
        "mil e ",
        "há ",
        "segunda ",
        "dia 1 de ",
        "R$ ",
        " ",
        "não ",
        "A a ",
        "sócio 2 ",
        "R$ 1 dia 2 audiência ",
    ],
)
def test_a_long_monotonous_text_is_read_in_good_time(piece: str) -> None:
    text = piece * (4000 // len(piece))
    started = time.process_time()
    for question in flow().questions:
        read_answer(flow(), PT, question, text, WEDNESDAY)
    assert time.process_time() - started < 5
