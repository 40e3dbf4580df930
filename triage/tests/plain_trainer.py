"""A small classifier for tests of the evaluation: words counted, nothing downloaded, trained in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from triage.analysis.semantic.classifier import Prediction


class PlainClassifier:
    def __init__(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        self._words = TfidfVectorizer().fit(texts)
        self._model = LogisticRegression(C=10).fit(self._words.transform(texts), labels)

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        words = self._words.transform(texts)
        is_heard = words.getnnz(axis=1) > 0
        rows = self._model.predict_proba(words)
        return [
            Prediction(dict(zip(self._model.classes_, row, strict=True)), 0.9 if heard else 0.1, [], [])
            for row, heard in zip(rows.tolist(), is_heard.tolist(), strict=True)
        ]


def plain_trainer(texts: Sequence[str], labels: Sequence[str], *, out_of_scope: Sequence[str] = ()) -> PlainClassifier:
    return PlainClassifier(texts, labels)
