"""Dates in folded text, reckoned from the day they were said on.

All shapes are our own: nothing else is asked what a word like "mar" or a number might mean. Words are taken
once, by the first shape that fits, even if the day they name does not exist ("31 de fevereiro").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from triage.flows.reading import dates_en, dates_pt
from triage.flows.reading.date_shapes import Shape, in_answers
from triage.flows.reading.days import Days
from triage.flows.reading.numbers import tongue

# "lei 8.245, de 18 de outubro de 1991" and "art. 5/2019" date the law, not the case.
_REFERENCE = re.compile(
    r"\b(?:lei|art(?:igo)?s?|decreto|portaria|resolucao|sumula|medida\s+provisoria|processo|protocolo|law|act|article"
    r"|section|decree|case)\b[^a-z\n]{0,12}(?:n[ºo°]?[^a-z\n]{0,20}|complementar\s[^a-z\n]{0,20})?(?:(?:de|of)\s+)?\Z"
)
_REFERENCE_LENGTH = 60
# "Rua 7 de Setembro", "na 15 de Novembro, 300" and "15 November Avenue" are places.
_PLACE_BEFORE = re.compile(
    r"\b(?:rua|r|avenida|av|praca|pca|travessa|tv|alameda|al|rodovia|estrada|largo|viaduto|bairro|vila|jardim|parque"
    r"|conjunto|escola|colegio|hospital|creche|terminal|street|avenue|square|road|district|school)\b[^\w\n]{0,3}"
    r"(?:(?:municipal|estadual|infantil|of)\s+)?\Z|\bna\s+\Z"
)
_PLACE_AFTER = re.compile(r"\W{0,3}(?:street|st|avenue|ave|square|road|rd)\b(?!\W+[0-9])")
_CLAUSE_END = re.compile(r"[,.;!?\n](?![0-9])|\s(?:e|mas|porem|and|but|so)\s")
# Only words that settle it: "foi marcada para dia 20" is past and speaks of a day to come.
_PAST = re.compile(
    r"\b(?:venceu|vencid[oa]s?|expirou|acabou|terminou|passou|aconteceu|expired|passed|ended|happened|was\s+due)\b"
)
_FUTURE = re.compile(
    r"\b(?:vence|vencera|vai|vou|sera|havera|tenho\s+(?:que|de|ate)|expira|will|going\s+to|must|have\s+to|expires"
    r"|is\s+due)\b"
)
_CUES_WITHIN = 60
_UNTIL = re.compile(
    r"\b(?:ate|antes\s+d[eo]|by|until|till|before|no\s+later\s+than)\s+(?:(?:[ao]|the|this|next)\s+)?\Z"
)
# "Trabalhei até sexta" tells how long something lasted.
_LASTED = re.compile(
    r"\b(?:trabalh(?:ei|ou|amos|ava|avam)|fi(?:quei|cou|camos)|esper(?:ei|ou|amos)|mor(?:ei|ou|amos|ava)|pag(?:uei|ou|amos)"
    r"|funcion(?:ou|ava)|dur(?:ou|ava)|estav\w+|era|foi|receb(?:i|emos|ia)|worked|waited|stayed|lived|paid|lasted|ran|was|were)\b"
)
_RECEIVED = (
    r"\b(?:receb(?:i|emos|eu)|cheg(?:ou|aram)|entregaram|(?:fui|fomos|foi)\s+(?:intimad|citad|notificad)[oa]s?|soube|received"
    r"|got|arrived|(?:was|were|been|got)\s+(?:served|notified|summoned))\b"
)
_RECEIVED_BEFORE = re.compile(rf"{_RECEIVED}(?:(?!\b(?:para|pra|que|ate|to|that|for|by|until)\b).)*\Z")
_RECEIVED_AFTER = re.compile(rf"\A\W*(?:(?:eu|nos|i|we)\s+)?(?:{_RECEIVED})")
_NAMES_A_MEETING = re.compile(r"\b(?:comparecer|audiencia\w*|julgamento|appear|hearing\w*|trial)\b")


@dataclass(frozen=True, slots=True)
class Dated:
    """A date found: the day it names, or the two it may name. `sure`: see `Shape`.

    `aim`: which kind of slot it can only belong to: a limit ("até sexta", "prazo de 5 dias") lies ahead, the day on
    which a paper was received lies behind, even beside the word "intimação".
    """

    start: int
    end: int
    days: Days
    approximate: bool
    sure: bool
    cue: Literal["past", "future"] | None
    aim: Literal["past", "future"] | None = None

    def day(self, prefer: Literal["past", "future"] | None) -> date:
        """The words around ("venceu") outweigh what the slot prefers; a tale is told of the past."""
        return self.days.future if (self.cue or prefer) == "future" else self.days.past


def find_dates(folded: str, language: str, today: date, *, answering: bool = False) -> list[Dated]:
    """All dates, left to right. `answering`: the whole text answers "when?", so that "março" is a date."""
    taken: list[tuple[int, int]] = []
    found: list[Dated] = []
    for shape in _shapes(tongue(language), answering):
        for match in shape.pattern.finditer(folded):
            start, end = match.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            taken.append((start, end))
            days = shape.read(match, today)
            if days is not None and not _names_something_else(folded, start, end):
                cue, aim = _cue(folded, start, end), _aim(folded, start, end, shape, days, today)
                found.append(Dated(start, end, days, shape.approximate, shape.sure, aim or cue, aim))
    return sorted(found, key=lambda dated: dated.start)


@lru_cache(maxsize=4)
def _shapes(known: str, answering: bool) -> Sequence[Shape]:
    own = dates_pt if known == "pt" else dates_en
    return (*own.SHAPES, *(in_answers(own.NAMES) if answering else ()))


def _names_something_else(folded: str, start: int, end: int) -> bool:
    """A law, a street or a school."""
    before = folded[max(0, start - _REFERENCE_LENGTH) : start]
    if _REFERENCE.search(before):
        return True
    if folded.startswith(("dia ", "the "), start) or not re.search(r"[0-9]", folded[start:end]):
        return False
    return bool(_PLACE_BEFORE.search(before) or _PLACE_AFTER.match(folded, end))


def _aim(folded: str, start: int, end: int, shape: Shape, days: Days, today: date) -> Literal["past", "future"] | None:
    if shape.limit:
        return "future"
    before = _CLAUSE_END.split(folded[max(0, start - _CUES_WITHIN) : start])[-1]
    after = _CLAUSE_END.split(folded[end : end + _CUES_WITHIN].lstrip(" ,"))[0]
    if _UNTIL.search(before):
        return "future" if days.future >= today and not _LASTED.search(before) else None
    received = _RECEIVED_BEFORE.search(before) or _RECEIVED_AFTER.search(after)
    ahead = any(cue.search(part) for cue in (_FUTURE, _NAMES_A_MEETING) for part in (before, after))
    return "past" if received and days.past <= today and not ahead else None


def _cue(folded: str, start: int, end: int) -> Literal["past", "future"] | None:
    """What the rest of the clause says about the time."""
    before = _CLAUSE_END.split(folded[max(0, start - _CUES_WITHIN) : start])[-1]
    after = _CLAUSE_END.split(folded[end : end + _CUES_WITHIN].lstrip(" ,"))[0]
    past, future = (any(cue.search(part) for part in (before, after)) for cue in (_PAST, _FUTURE))
    if past == future:
        return None
    return "past" if past else "future"
