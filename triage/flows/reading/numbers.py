"""Numbers in folded text: "12.000,50", "doze mil e quinhentos", "1,2 milhão", "5k".

A run of digits counts only if it stands alone: parts of a CPF, a telephone or process number, a time
or a date are no numbers. What cannot be read for certain ("dois e três", "12.00.1") is not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

_PT = [
    "zero",
    "um",
    "dois",
    "tres",
    "quatro",
    "cinco",
    "seis",
    "sete",
    "oito",
    "nove",
    "dez",
    "onze",
    "doze",
    "treze",
    "quatorze",
    "quinze",
    "dezesseis",
    "dezessete",
    "dezoito",
    "dezenove",
]
_EN = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_PT_TENS = ["vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa"]
_EN_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_PT_HUNDREDS = [
    "cento",
    "duzentos",
    "trezentos",
    "quatrocentos",
    "quinhentos",
    "seiscentos",
    "setecentos",
    "oitocentos",
    "novecentos",
]
_WORDS: dict[str, dict[str, int]] = {
    "pt": {
        **{word: value for value, word in enumerate(_PT)},
        **{word: value for value, word in zip(range(20, 100, 10), _PT_TENS, strict=True)},
        **{word: value for value, word in zip(range(100, 1000, 100), _PT_HUNDREDS, strict=True)},
        **{f"{word[:-2]}as": value for value, word in zip(range(200, 1000, 100), _PT_HUNDREDS[1:], strict=True)},
        **{"uma": 1, "duas": 2, "catorze": 14, "cem": 100},
    },
    "en": {
        **{word: value for value, word in enumerate(_EN)},
        **{word: value for value, word in zip(range(20, 100, 10), _EN_TENS, strict=True)},
    },
}
_SCALES: dict[str, dict[str, int]] = {
    "pt": {"mil": 10**3, "milhao": 10**6, "milhoes": 10**6, "bilhao": 10**9, "bilhoes": 10**9},
    "en": {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9},
}
_SHORT_SCALES: dict[str, dict[str, int]] = {
    "pt": {"k": 10**3, "mi": 10**6, "bi": 10**9},
    "en": {"k": 10**3, "grand": 10**3, "m": 10**6, "bn": 10**9},
}
_MOST_WORDS = 12
"""After the first; the longest number anybody says has fewer, and "mil mil mil …" must cost no more."""

_JOIN = {"pt": r"(?:\s+e\s+|\s+)", "en": r"(?:\s+and\s+|\s*-\s*|\s+)"}
_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*(?:(?!\1)[.,][0-9]{1,2})?")
_PLAIN = re.compile(r"[0-9]+(?:[.,][0-9]{1,2})?")
_DECIMAL_MARK = {"pt": ",", "en": "."}

DIGITS = r"(?<![\w/:.,-])[0-9]++(?:[.,][0-9]++)*+(?![/:-][0-9])"
"""A run of digits that is nothing longer; whether it is a number, `read_digits` says."""


@dataclass(frozen=True, slots=True)
class Number:
    """`bare` is a lone "um" or "one", which may be an article; `scaled` has "mil", "k", "million" in it."""

    start: int
    end: int
    value: Decimal
    bare: bool = False
    scaled: bool = False


def tongue(language: str) -> str:
    """The tables to read with: Portuguese, or else English."""
    return "pt" if language.startswith("pt") else "en"


def words_pattern(language: str) -> str:
    """A number in words, as a group to build into patterns."""
    known = tongue(language)
    words = sorted({**_WORDS[known], **_SCALES[known]}, key=len, reverse=True)
    word = rf"(?:{'|'.join(words)})\b"
    return rf"\b{word}(?:{_JOIN[known]}{word}){{0,{_MOST_WORDS}}}"


def read_words_number(words: str, language: str) -> int | None:
    """ "doze mil e quinhentos" is 12500; words that add up to no number ("dois e três") are None."""
    known = tongue(language)
    total, group, room = 0, 0, 1000
    for word in re.findall(r"[a-z]+", words):
        if word in _SCALES[known]:
            scale = _SCALES[known][word]
            if scale == 100:
                group, room = max(group, 1) * 100, 100
                continue
            if total and total % (scale * 1000):
                return None
            total, group, room = total + max(group, 1) * scale, 0, 1000
        elif word in _WORDS[known]:
            value = _WORDS[known][word]
            if value >= room or (value == 0 and group):
                return None
            group += value
            room = 100 if value >= 100 else 10 if value >= 20 else 1
    return total + group


def read_digits(digits: str, language: str, scaled: bool = False) -> Decimal | None:
    """ "12.000" and "12,000" are twelve thousand; "1,234 milhões" (`scaled`) follows the language's decimal mark."""
    if scaled and re.fullmatch(rf"[0-9]+{re.escape(_DECIMAL_MARK[tongue(language)])}[0-9]{{1,3}}", digits):
        return Decimal(digits.replace(",", "."))
    if _GROUPED.fullmatch(digits):
        whole, mark, cents = digits, "", ""
        if digits[-4] not in ".,":
            mark = max(".,", key=digits.rfind)
            whole, _, cents = digits.rpartition(mark)
        return Decimal(re.sub(r"[.,]", "", whole) + ("." + cents if mark else ""))
    return Decimal(digits.replace(",", ".")) if _PLAIN.fullmatch(digits) else None


@lru_cache(maxsize=8)
def numbers_pattern(language: str) -> str:
    """Any number, with the groups `digits`, `scale`, `words`, `rest` ("12 mil e 500"), `half` ("e meio") and
    `part` ("meio milhão")."""
    known = tongue(language)
    scales = sorted({**_SCALES[known], **_SHORT_SCALES[known]}, key=len, reverse=True)
    half = r"\s+e\s+mei[oa]\b" if known == "pt" else r"\s+and\s+a\s+half\b"
    part = r"mei[oa]\s+(?=milhao|bilhao)" if known == "pt" else r"half\s+an?\s+(?=hundred|thousand|million|billion)"
    some = r"" if known == "pt" else r"(?:\ba\s+(?=hundred|thousand|million))?"
    rest = r"(?:\s+(?:e\s+)?(?P<rest>[0-9]{3})(?![\w.,/-]))?"
    return (
        rf"(?:(?P<digits>{DIGITS})(?:\s*(?P<scale>{'|'.join(scales)})\b{rest})?"
        rf"|(?P<part>{part})?{some}(?P<words>{words_pattern(language)}))(?P<half>{half})?"
    )


def number_of(match: re.Match[str], language: str) -> Decimal | None:
    """The value of a match of `numbers_pattern`."""
    known = tongue(language)
    scales = {**_SCALES[known], **_SHORT_SCALES[known]}
    digits, scale = match["digits"], scales.get(match["scale"] or "", 1)
    if digits is None:
        words = match["words"]
        value = read_words_number(words, language)
        scale = scales.get(words.split()[-1], 1)
        amount = None if value is None else Decimal(value)
    else:
        amount = read_digits(digits, language, scaled=scale > 1)
        amount = None if amount is None else amount * scale
    if amount is None:
        return None
    if match["part"]:
        amount /= 2
    if match["rest"]:
        amount += int(match["rest"])
    return amount + Decimal(scale) / 2 if match["half"] else amount


def find_numbers(folded: str, language: str) -> list[Number]:
    """All numbers, left to right; percentages and ordinals are none."""
    found = []
    scales = _SCALES[tongue(language)]
    for match in _compiled(tongue(language)).finditer(folded):
        value, text = number_of(match, language), match.group()
        if value is not None:
            scaled = bool(match["scale"]) or not scales.keys().isdisjoint(text.split())
            found.append(Number(*match.span(), value, text in ("um", "uma", "one"), scaled))
    return found


@lru_cache(maxsize=2)
def _compiled(known: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{numbers_pattern(known)})(?![\w%ºª]|\s*%)")
