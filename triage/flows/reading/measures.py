"""Days, sums and counts in folded text, each word read as one thing only.

"3 de março" holds no count and "dia 10 mil reais" no day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from triage.flows.reading.claims import Value
from triage.flows.reading.dates import find_dates
from triage.flows.reading.money import find_bare_sums, find_sums
from triage.flows.reading.numbers import Number, find_numbers
from triage.flows.schema import SlotKind

MEASURED: tuple[SlotKind, ...] = ("date", "money", "number")

_UNIT = re.compile(
    r"\s*-?\s*(?:anos?|mes(?:es)?|dias?|semanas?|horas?|minutos?|vez(?:es)?|km|kg|metros?"
    r"|years?|months?|weeks?|days?|hours?|minutes?|times)\b"
)
_SPELL = re.compile(r"\w\s+(?:dias|semanas?|mes(?:es)?|anos?|days?|weeks?|months?|years?)\b")
_NONE_AT_ALL = re.compile(r"\W*(?P<word>nenhuma?|ninguem|nada|none|nobody|no\s+one)\b")
_MOST = Decimal(10) ** 9
# "Moro aqui há vinte anos": since when something is so, not when something happened.
_LASTING = re.compile(
    r"\b(?:moro|moramos|vivo|vivemos|trabalho|trabalhamos|(?:sou|somos)\s+(?:casad|client|inquilin|soci|amig)\w*"
    r"|(?:i|we)(?:'ve|\s+have)\s+(?:lived|worked|been\s+(?:living|working|married|renting))"
    r"|(?:i|we)\s+(?:live|work)|(?:i|we)(?:'m|'re|\s+am|\s+are)\s+married)\s+(?:(?!(?:e|mas|and|but)\s)\w+\s+){0,3}"
    r"(?P<since>ha|faz|desde|since)\s+"
)


def find_values(
    folded: str, language: str, today: date, currency: str, asked: SlotKind | None = None
) -> dict[SlotKind, list[Value]]:
    """All values by kind, left to right. `asked`: the text answers a question about that kind."""
    sums = [Value(one.start, one.end, one.value) for one in find_sums(folded, language, currency)]
    lasting = {place for match in _LASTING.finditer(folded) for place in (match.start("since"), match.end())}
    dates = [
        Value(one.start, one.end, one, sure=one.sure and one.start not in lasting, aim=one.aim)
        for one in find_dates(folded, language, today, answering=asked == "date")
    ]
    dates = _outside(dates, sums)
    if not (asked == "money" and sums):
        bare = find_bare_sums(folded, language, currency, scaled_only=asked != "money")
        free = _outside([Value(one.start, one.end, one.value, sure=False) for one in bare], [*sums, *dates])
        sums += free if asked != "money" or len(free) == 1 else []
    spells = [value for value in dates if _SPELL.search(folded, value.start, value.end)]
    days = [value for value in dates if value not in spells] if asked == "number" else dates
    counts = _outside([_count(folded, number) for number in find_numbers(folded, language)], [*sums, *days])
    if asked == "number" and not counts:
        counts = [Value(*match.span("word"), 0) for match in [_NONE_AT_ALL.match(folded)] if match]
    return {"date": dates, "money": sums, "number": [value for value in counts if value.value is not None]}


def _count(folded: str, number: Number) -> Value:
    whole = int(number.value) if number.value == number.value.to_integral_value() else float(number.value)
    measures = _UNIT.match(folded, number.end) is not None
    return Value(
        number.start,
        number.end,
        whole if number.value <= _MOST else None,
        sure=not (measures or number.bare),
        touching=measures or number.bare,
    )


def _outside(values: Iterable[Value], taken: Iterable[Value]) -> list[Value]:
    """Those that share no word with what was read as something else."""
    others = list(taken)
    return [v for v in values if all(v.end <= other.start or other.end <= v.start for other in others)]
