"""Texts as sparse numbers: how often each n-gram of words, or of characters within a word, occurs, rarer ones louder.

Case and accents are taken away, and characters bear with misspellings ("recisao" is near "rescisão").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from triage.flows.terms import fold

_WORD = re.compile(r"\w+")
_CHARACTERS = range(3, 5)
_LONGEST = 6000  # characters that are read of a text: what comes later is rarely the matter itself
_WIDEST = 64  # bytes of a term: the widest decides what all of them take
MOST_TERMS = 60_000  # of each kind, the most frequent ones


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """Single words and pairs of neighbours, with where they stand."""
    before: re.Match[str] | None = None
    for match in _WORD.finditer(fold(text[:_LONGEST])):
        yield match.group(), match.start(), match.end()
        if before is not None:
            yield f"{before.group()} {match.group()}", before.start(), match.end()
        before = match


def _word_terms(text: str) -> Iterator[str]:
    return (term for term, _, _ in words(text))


def _character_terms(text: str) -> Iterator[str]:
    """Three or four characters that follow each other in a word; its ends count as blanks."""
    for match in _WORD.finditer(fold(text[:_LONGEST])):
        word = f" {match.group()} "
        for size in _CHARACTERS:
            if size >= len(word):
                yield word
                break
            yield from (word[start : start + size] for start in range(len(word) - size + 1))


KINDS: dict[str, Callable[[str], Iterator[str]]] = {"words": _word_terms, "characters": _character_terms}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms that were learnt, sorted, as UTF-8: a term's place is its column. `weights`: how loud each is.

    One array: a dictionary of as many strings would take ten times the memory.
    """

    kind: str
    terms: NDArray[np.bytes_]
    weights: NDArray[np.float32]

    @classmethod
    def learn(cls, kind: str, texts: Sequence[str], *, least: int) -> Vocabulary:
        """`least`: in how many texts a term has to occur."""
        counts = Counter(term for text in texts for term in set(KINDS[kind](text)))
        common = [term for term, count in counts.items() if count >= least and len(_encoded(term)) <= _WIDEST]
        # By name where the numbers are equal, so that training twice gives the same.
        kept = sorted(sorted(common, key=lambda term: (-counts[term], term))[:MOST_TERMS], key=_encoded)
        seen = np.array([counts[term] for term in kept], dtype=np.float64)
        weights = np.log((1 + len(texts)) / (1 + seen)) + 1
        return cls(kind, np.array(list(map(_encoded, kept)), dtype=np.bytes_), weights.astype(np.float32))

    def columns_of(self, terms: Iterable[str]) -> NDArray[np.int32]:
        """-1 where a term was not learnt."""
        spelt = [_encoded(term) for term in terms]
        if not spelt or not len(self.terms):
            return np.full(len(spelt), -1, dtype=np.int32)
        # Of the width of what is known, or all of that would be copied; what is longer is not known.
        width = self.terms.itemsize
        asked = np.array([one if len(one) <= width else b"" for one in spelt], dtype=self.terms.dtype)
        places = np.minimum(np.searchsorted(self.terms, asked), len(self.terms) - 1)
        return np.where(self.terms[places] == asked, places, -1).astype(np.int32)

    def transform(self, texts: Sequence[str]) -> csr_matrix[Any]:
        """One row of length 1 for each text (of zeros where nothing is known); repeats add ever less."""
        ends, columns, values = [0], [], []
        for text in texts:
            counted = Counter(KINDS[self.kind](text))
            known = self.columns_of(counted)
            order = np.argsort(known)[np.count_nonzero(known < 0) :]
            here = known[order]
            times = np.fromiter(counted.values(), dtype=np.float32, count=len(counted))[order]
            loud = (1 + np.log(times)) * self.weights[here]
            length = float(np.linalg.norm(loud))
            columns.append(here)
            # Half precision, as they are stored, so that a classifier says the same before and after.
            values.append((loud / length if length else loud).astype(np.float16).astype(np.float32))
            ends.append(ends[-1] + len(here))
        shape = (len(texts), len(self.terms))
        return csr_matrix((_joined(values), _joined(columns), np.array(ends)), shape=shape)


def _encoded(term: str) -> bytes:
    return term.encode("utf-8", "surrogatepass")


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
