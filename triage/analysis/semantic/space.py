"""Where texts lie: by their meaning, their words and their spelling, and how near each other they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix

from triage.analysis.semantic.encoders import Vectors
from triage.analysis.semantic.features import Vocabulary

_WORDING = 0.1  # how loud words, and characters, are beside meaning
_SHARPNESS = 1.0  # how fast nearness fades
_ROWS = 1024


@dataclass(frozen=True, slots=True)
class Points:
    """One row for each text; rows have length 1, or are empty where nothing of the text is known.

    `meaning` in half precision, and terms one column after the other: of many examples they are most of what a
    classifier takes, and so nothing has to be turned round to ask for what is like them.
    """

    meaning: NDArray[np.float16]
    words: csc_matrix[Any]
    characters: csc_matrix[Any]


@dataclass(frozen=True, slots=True)
class Space:
    """`centre`: the mean of the examples' vectors, which all share and which tells nothing; empty: no embeddings.

    `parts`: how many numbers of a vector each model made.
    """

    words: Vocabulary
    characters: Vocabulary
    centre: Vectors
    parts: tuple[int, ...] = ()

    @classmethod
    def learn(cls, texts: Sequence[str], vectors: Vectors | None, parts: tuple[int, ...]) -> Space:
        return cls(
            words=Vocabulary.learn("words", texts, least=1),
            characters=Vocabulary.learn("characters", texts, least=2),
            centre=np.zeros(0, dtype=np.float32) if vectors is None else vectors.mean(axis=0),
            parts=parts if vectors is not None else (),
        )

    @property
    def shares(self) -> tuple[float, float, float]:
        """What meaning, words and characters count, together 1."""
        whole = (1.0, _WORDING, _WORDING) if len(self.centre) else (0.0, 1.0, 1.0)
        return (whole[0] / sum(whole), whole[1] / sum(whole), whole[2] / sum(whole))

    def place(self, texts: Sequence[str], vectors: Vectors | None) -> Points:
        meaning = np.zeros((len(texts), 0), dtype=np.float16)
        if len(self.centre):
            if vectors is None:
                raise ValueError("This space was learnt with embeddings.")
            apart = vectors - self.centre
            each = [_of_length_one(part) for part in np.split(apart, np.cumsum(self.parts)[:-1], axis=1)]
            meaning = (np.hstack(each) / np.sqrt(len(each))).astype(np.float16)
        return Points(meaning, self.words.transform(texts).tocsc(), self.characters.transform(texts).tocsc())

    def likeness(self, some: Points, others: Points) -> NDArray[np.float32]:
        """The cosine between each of some and each of the others."""
        meaning, words, characters = self.shares
        made = np.empty((some.words.shape[0], others.words.shape[0]), dtype=np.float32)
        some_words, some_characters = some.words.tocsr(), some.characters.tocsr()
        for start in range(0, len(made), _ROWS):  # the whole as a sparse matrix would take a multiple of the memory
            rows = slice(start, start + _ROWS)
            made[rows] = words * (some_words[rows] @ others.words.T).toarray()
            made[rows] += characters * (some_characters[rows] @ others.characters.T).toarray()
        if meaning:
            here = some.meaning.astype(np.float32)
            for start in range(0, made.shape[1], _ROWS):
                columns = slice(start, start + _ROWS)
                made[:, columns] += meaning * (here @ others.meaning[columns].astype(np.float32).T)
        return made


def _of_length_one(rows: Vectors) -> Vectors:
    length = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    made: Vectors = rows / length
    return made


def nearness(likeness: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 for the same, fading quickly; in place."""
    likeness -= 1
    likeness *= _SHARPNESS
    faded: NDArray[np.float32] = np.exp(likeness, out=likeness)
    return faded
