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


@dataclass(frozen=True, slots=True)
class Dated:
    """A date found: the day it names, or the two it may name. `sure`: see `Shape`."""

    start: int
    end: int
    days: Days
    approximate: bool
    sure: bool
    cue: Literal["past", "future"] | None

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
            if days is not None and not _REFERENCE.search(folded[max(0, start - _REFERENCE_LENGTH) : start]):
                found.append(Dated(start, end, days, shape.approximate, shape.sure, _cue(folded, start, end)))
    return sorted(found, key=lambda dated: dated.start)


@lru_cache(maxsize=4)
def _shapes(known: str, answering: bool) -> Sequence[Shape]:
    own = dates_pt if known == "pt" else dates_en
    return (*own.SHAPES, *(in_answers(own.NAMES) if answering else ()))


def _cue(folded: str, start: int, end: int) -> Literal["past", "future"] | None:
    """What the rest of the clause says about the time."""
    before = _CLAUSE_END.split(folded[max(0, start - _CUES_WITHIN) : start])[-1]
    after = _CLAUSE_END.split(folded[end : end + _CUES_WITHIN].lstrip(" ,"))[0]
    past, future = (any(cue.search(part) for part in (before, after)) for cue in (_PAST, _FUTURE))
    if past == future:
        return None
    return "past" if past else "future"
