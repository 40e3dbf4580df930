"""How people say a value: the usual words for its kind, coloured by their way of talking."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from random import Random

from triage.flows.schema import Flow, Slot
from triage.flows.terms import fold
from triage.simulation.persona import Said, Style

_MONTHS = {
    "pt": "janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro",
    "en": "January|February|March|April|May|June|July|August|September|October|November|December",
}
_YES_NO = {
    ("pt", True): ("sim", "sim", "tem sim", "infelizmente sim", "sim, com certeza", "é, sim"),
    ("pt", False): ("não", "não", "não, nada disso", "acho que não", "que eu saiba não", "não, ainda não"),
    ("en", True): ("yes", "yes", "yes, sadly", "yeah", "yes, for sure", "I think so"),
    ("en", False): ("no", "no", "no, nothing like that", "I don't think so", "not that I know of", "no, not yet"),
}
_UNKNOWN = {
    "pt": ("não sei", "não sei dizer", "sei lá", "não faço ideia"),
    "en": ("I don't know", "not sure", "no idea", "I don't know"),
}
_AROUND: dict[tuple[str, Style], tuple[str, ...]] = {
    ("pt", "long"): ("{}. É o que eu consigo dizer agora.", "Bom, {}, pelo que eu entendi.", "{}, é isso mesmo."),
    ("pt", "rambling"): (
        "então, deixa eu ver... {}, é muita coisa na cabeça, a gente nem dorme direito",
        "ai, olha, {}, minha vizinha até falou pra eu vir aqui contar isso",
        "pois é, {}... desculpa, eu falo demais, é que estou nervosa",
    ),
    ("en", "long"): ("{}. That is all I can say for now.", "Well, {}, as far as I understand.", "{}, that's right."),
    ("en", "rambling"): (
        "so, let me think... {}, there is so much on my mind, I hardly sleep",
        "well, look, {}, my neighbour told me to come here and tell you",
        "right, {}... sorry, I talk too much, I'm just nervous",
    ),
}
_TYPED = {
    "pt": (
        (r"\bvocê\b", "vc"),
        (r"\bporque\b", "pq"),
        (r"\bque\b", "q"),
        (r"\btambém\b", "tbm"),
        (r"\bquando\b", "qdo"),
    ),
    "en": ((r"\byou\b", "u"), (r"\bbecause\b", "bc"), (r"'", ""), (r"\bplease\b", "pls"), (r"\bare\b", "r")),
}


def say(flow: Flow, slot: Slot, value: Said, language: str, style: Style, random: Random) -> str:
    """The value as somebody answers who is asked about it."""
    return coloured(_bare(flow, slot, value, language, random), language, style, random)


def plainly(flow: Flow, slot: Slot, value: Said, language: str) -> str:
    """The same once more for somebody who did not understand, without any colour."""
    if isinstance(value, bool):
        return {("pt", True): "sim", ("pt", False): "não", ("en", True): "yes", ("en", False): "no"}[
            _of(language), value
        ]
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}" if _of(language) == "pt" else f"{_month(value, language)} {value.day}, {value.year}"
    return _title(flow, slot, value, language) or str(value)


def not_known(language: str, own: Sequence[str], random: Random) -> str:
    return random.choice(tuple(own) or _UNKNOWN[_of(language)])


def coloured(words: str, language: str, style: Style, random: Random) -> str:
    if style == "misspelt":
        return _misspelt(words, language, random)
    around = _AROUND.get((_of(language), style))
    return random.choice(around).format(words) if around else words


def _bare(flow: Flow, slot: Slot, value: Said, language: str, random: Random) -> str:
    if isinstance(value, bool):
        return random.choice(_YES_NO[_of(language), value])
    if isinstance(value, date):
        return _day(value, language, random)
    if slot.kind == "money" and isinstance(value, int | float):
        return _sum(value, language, random)
    if slot.kind == "number":
        return random.choice((str(value), f"uns {value}" if _of(language) == "pt" else f"about {value}"))
    title = _title(flow, slot, value, language)
    return title[:1].lower() + title[1:] if title else str(value)


def _title(flow: Flow, slot: Slot, value: Said, language: str) -> str | None:
    options = flow.categories if slot.kind == "category" else slot.choices
    return next((one.title[language] for one in options if one.id == value), None)


def _day(day: date, language: str, random: Random) -> str:
    month, number, year = _month(day, language), day.day, day.year
    if _of(language) == "pt":
        ways = [f"dia {number} de {month} de {year}", f"{day:%d/%m/%Y}", f"em {number} de {month} de {year}"]
    else:
        ways = [f"on {month} {number}, {year}", f"{number} {month} {year}", f"it was {month} {number}, {year}"]
    return random.choice(ways)


def _month(day: date, language: str) -> str:
    return _MONTHS[_of(language)].split("|")[day.month - 1]


def _sum(value: float, language: str, random: Random) -> str:
    whole = int(value)
    if _of(language) == "pt":
        ways = [f"R$ {whole:,}".replace(",", "."), f"uns {whole} reais"]
        return random.choice([*ways, f"mais ou menos {whole // 1000} mil"] if whole % 1000 == 0 else ways)
    ways = [f"R$ {whole:,}", f"about {whole} reais"]
    return random.choice([*ways, f"around {whole // 1000} thousand reais"] if whole % 1000 == 0 else ways)


def _misspelt(words: str, language: str, random: Random) -> str:
    """As on a phone: no accents, short forms, one letter of a long word lost now and then."""
    for pattern, short in _TYPED[_of(language)]:
        words = re.sub(pattern, short, words)
    return " ".join(_slipped(word, random) for word in fold(words).split(" "))


def _slipped(word: str, random: Random) -> str:
    if len(word) < 8 or not word.isalpha() or random.random() > 0.15:
        return word
    place = random.randrange(2, len(word) - 2)
    return word[:place] + word[place + 1 :]


def _of(language: str) -> str:
    return "pt" if language.startswith("pt") else "en"
