"""Texts as sparse numbers: how often each n-gram of words, or of characters within a word, occurs, rarer ones louder.

Case and accents are taken away, and characters bear with misspellings ("recisao" is near "rescisão").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from triage.flows.terms import fold

_WORD = re.compile(r"\w+")
_CHARACTERS = range(2, 6)
_LONGEST = 6000  # characters that are read of a text: what comes later is rarely the matter itself
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
    """Two to five characters that follow each other in a word; its ends count as blanks."""
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
    """The terms that were learnt, in the order of their columns, and how loud each is."""

    kind: str
    columns: dict[str, int]
    weights: NDArray[np.float32]

    @classmethod
    def learn(cls, kind: str, texts: Sequence[str], *, least: int) -> Vocabulary:
        """`least`: in how many texts a term has to occur."""
        counts = Counter(term for text in texts for term in set(KINDS[kind](text)))
        common = [term for term, count in counts.items() if count >= least]
        # By name where the numbers are equal, so that training twice gives the same.
        kept = sorted(sorted(common, key=lambda term: (-counts[term], term))[:MOST_TERMS])
        seen = np.array([counts[term] for term in kept], dtype=np.float64)
        weights = np.log((1 + len(texts)) / (1 + seen)) + 1
        return cls(kind, {term: column for column, term in enumerate(kept)}, weights.astype(np.float32))

    def transform(self, texts: Sequence[str]) -> csr_matrix[Any]:
        """One row of length 1 for each text (of zeros where nothing is known); repeats add ever less."""
        ends, columns, values = [0], [], []
        for text in texts:
            counted = Counter(self.columns[term] for term in KINDS[self.kind](text) if term in self.columns)
            here = np.fromiter(sorted(counted), dtype=np.int32, count=len(counted))
            loud = np.array([1 + np.log(counted[column]) for column in here.tolist()], dtype=np.float32)
            loud *= self.weights[here]
            length = float(np.linalg.norm(loud))
            columns.append(here)
            # Half precision, as they are stored, so that a classifier says the same before and after.
            values.append((loud / length if length else loud).astype(np.float16).astype(np.float32))
            ends.append(ends[-1] + len(here))
        shape = (len(texts), len(self.columns))
        return csr_matrix((_joined(values), _joined(columns), np.array(ends)), shape=shape)


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
