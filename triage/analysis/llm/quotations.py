"""Whether somebody said that: quotations are looked up in the person's words, and only what is found counts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from triage.analysis.base import Evidence, Facts

_LEAST = 3  # characters: a single letter is in every sentence


def evidence_of(facts: Facts, quotations: Iterable[str], source: str) -> tuple[Evidence, ...]:
    """The place of each quotation that occurs, verbatim and in whole words; the others are left out."""
    found = (_place(facts, quotation, source) for quotation in quotations)
    return tuple(dict.fromkeys(evidence for evidence in found if evidence is not None))


def _place(facts: Facts, quotation: str, source: str) -> Evidence | None:
    words = unicodedata.normalize("NFC", quotation).strip()
    for utterance in facts.utterances:
        if len(words) < _LEAST and words != utterance.text.strip():
            continue
        start = _find_whole(utterance.text, words)
        if start is not None:
            return Evidence(utterance.message_id, start, start + len(words), words, source)
    return None


def _find_whole(text: str, words: str) -> int | None:
    start = text.find(words) if words else -1
    while start >= 0:
        end = start + len(words)
        if not (_inside(text, start) or _inside(text, end)):
            return start
        start = text.find(words, start + 1)
    return None


def _inside(text: str, place: int) -> bool:
    """Whether a word goes on across this place."""
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()
