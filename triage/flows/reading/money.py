"""Sums of money in folded text.

A sum carries a currency ("R$ 12.000", "doze mil reais", "5k dollars"). Sums without one are found only
on request, in the answer to a question about money, and never where digits mean something else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from triage.flows.reading.numbers import find_numbers, number_of, numbers_pattern, tongue
from triage.flows.schema import Money

_MARKS = {"r$": "BRL", "us$": "USD", "u$s": "USD", "€": "EUR", "£": "GBP"}
_CODES = ["brl", "usd", "eur", "gbp", "ars", "clp", "uyu", "pyg", "cad", "aud", "chf", "jpy"]
_NAMES = {
    "pt": {
        r"reais|real(?!\s+\w)|contos?(?!\s+d)": "BRL",
        r"dolar(?:es)?": "USD",
        r"euros?": "EUR",
        r"libras?\s+esterlinas?": "GBP",
    },
    "en": {
        r"(?:brazilian\s+)?reais": "BRL",
        r"(?:us\s+)?dollars?|bucks": "USD",
        r"euros?": "EUR",
        r"pounds?\s+sterling": "GBP",
    },
}
_CENTS = {
    "pt": r"(?:\s+e\s+(?P<cents>[0-9]{1,2})\s+centavos\b)?",
    "en": r"(?:\s+and\s+(?P<cents>[0-9]{1,2})\s+(?:cents|centavos)\b)?",
}
_MOST = Decimal(10) ** 12
_LONGEST_RUN = re.compile(r"[0-9]{10}")
"""Ten digits in a row are a telephone, a CPF or a protocol number."""
_DIGITS_BEFORE, _DIGITS_AFTER = re.compile(r"[0-9][\s().-]{1,3}\Z"), re.compile(r"[\s().-]{1,3}[0-9]")
"""Groups of digits one after another are such numbers too."""

_FOLLOWS = {
    "pt": r"a|ate|com|de|do|da|e|em|em\s+media|ela|ele|eles|eu|mais|mas|na|no|ou|para|por|pra|pro|que|mensais",
    "en": r"a|and|at|but|every|for|from|he|i|in|more|on|or|per|plus|she|that|they|to|total|we|which",
}
_NO_SUMS_HERE = re.compile(
    r"\b(?:rua|av|avenida|alameda|cep|tel|telefone|celular|whatsapp|cpf|cnpj|rg|processo|protocolo|lei|art|artigo"
    r"|decreto|nasc\w*|anos\s+de\s+idade|street|phone|zip|law|article|section|born|years?\s+old)\b"
)


@dataclass(frozen=True, slots=True)
class Sum:
    """`marked`: a currency was named."""

    start: int
    end: int
    value: Money
    marked: bool = True


def find_sums(folded: str, language: str, currency: str) -> list[Sum]:
    """Sums with a currency, left to right."""
    found: list[Sum] = []
    for match in sorted(_matches(folded, tongue(language)), key=lambda m: (m.start(), -m.end())):
        amount = number_of(match, language)
        if amount is None or (found and match.start() < found[-1].end):
            continue
        if match.groupdict().get("cents"):
            amount += Decimal(match["cents"]) / 100
        value = money(amount, _currency(match["currency"], language, currency))
        if value is not None:
            found.append(Sum(*match.span(), value))
    return found


def find_bare_sums(folded: str, language: str, currency: str, *, scaled_only: bool) -> list[Sum]:
    """Numbers that a talk about money makes sums: "12.000", "doze mil", "12k no total", but not "2 filhos".

    `scaled_only` asks for the surer ones: "12 mil", "1,2 milhão".
    """
    if _NO_SUMS_HERE.search(folded):
        return []
    after = re.compile(rf"\s*(?:$|[^\w\s]|(?:{_FOLLOWS[tongue(language)]})\b)")
    found = []
    for number in find_numbers(folded, language):
        text = folded[number.start : number.end]
        value = money(number.value, currency)
        if value is None or number.bare or _LONGEST_RUN.search(text) or (scaled_only and not number.scaled):
            continue
        in_a_row = not number.scaled and (
            _DIGITS_BEFORE.search(folded[max(0, number.start - 4) : number.start])
            or _DIGITS_AFTER.match(folded, number.end)
        )
        if not in_a_row and after.match(folded, number.end):
            found.append(Sum(number.start, number.end, value, marked=False))
    return found


def money(amount: Decimal, currency: str) -> Money | None:
    """None for what nobody owes: nothing at all to the left of zero, nothing beyond 10^12."""
    if not 0 <= amount <= _MOST:
        return None
    return {"amount": str(amount.quantize(Decimal("0.01"))), "currency": currency}


def _matches(folded: str, known: str) -> list[re.Match[str]]:
    return [match for pattern in _patterns(known) for match in pattern.finditer(folded)]


@lru_cache(maxsize=2)
def _patterns(known: str) -> tuple[re.Pattern[str], ...]:
    """The currency before the number, and after it."""
    number, codes = numbers_pattern(known), "|".join(_CODES)
    marks = "|".join(re.escape(mark) for mark in (*_MARKS, "$"))
    return (
        re.compile(rf"(?<![\w$-])(?P<currency>{marks}|(?:{codes})(?=[\s0-9]))\s*{number}(?!\w)"),
        re.compile(rf"{number}\s*(?:de\s+)?(?P<currency>{'|'.join(_NAMES[known])}|{codes}|€|£)(?!\w){_CENTS[known]}"),
    )


def _currency(mark: str, language: str, assumed: str) -> str:
    """A lone "$" is the flow's currency in Portuguese, dollars in English."""
    if mark == "$":
        return assumed if tongue(language) == "pt" else "USD"
    if mark in _MARKS:
        return _MARKS[mark]
    for name, code in _NAMES[tongue(language)].items():
        if re.fullmatch(name, mark):
            return code
    return mark.upper()
