"""Learning from examples. Whatever is calibrated here is calibrated by predictions of examples that were left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.analysis.semantic import embedding, ridge
from triage.analysis.semantic.calibration import Logistic, cut_off, expected_error, fit_logistic, fit_scale
from triage.analysis.semantic.embedding import Embedder
from triage.analysis.semantic.learnt import SCOPE_SIGNS, Learnt, scope_features
from triage.analysis.semantic.space import Space, nearness

MOST = 12_000  # examples that are learnt from; time grows with their third power, memory with their square
LEAST = 8  # predictions of a label, below which nothing is said of that label alone
WANTED = (0.8, 0.9, 0.95, 0.98)
_WORD = re.compile(r"[^\W\d_]+")
Rules = Sequence[Mapping[str, float]]
Array = NDArray[Any]


def learn(
    texts: Sequence[str],
    labels: Sequence[str],
    embedder: Embedder | None,
    rules: Rules | None,
    out_of_scope: Sequence[str],
) -> Learnt:
    names = tuple(sorted(set(labels)))
    taken = _sample(labels)
    texts = [texts[at] for at in taken]
    truth = np.array([names.index(labels[at]) for at in taken], dtype=np.int32)
    rules = [rules[at] for at in taken] if rules is not None else None
    told = [(at, name) for at, name in enumerate(map(_spoken, names)) if name]
    everything = [*texts, *out_of_scope, *(name for _, name in told)]
    vectors = embedding.encode(embedder, everything) if embedder else None
    space = Space.learn(everything, vectors)
    points = space.place(everything, vectors)
    likeness = space.likeness(points, points)
    targets = _targets(truth, len(names), len(out_of_scope), [at for at, _ in told])
    solution = ridge.solve(nearness(likeness.copy()), targets)
    unseen = solution.left_out()
    scores = unseen[: len(texts), : len(names)]
    second = opinions(rules, names) if rules is not None else None
    scale = fit_scale(scores, truth)
    ruled = fit_scale(scores, truth, second) if second is not None else None
    shares = (ruled or scale).probabilities(scores, second)
    predicted = shares.argmax(axis=1).astype(np.int32)
    right = predicted == truth
    confidence = shares.max(axis=1).astype(np.float32)
    return Learnt(
        labels=names,
        texts=tuple(texts),
        truth=truth,
        embedder=embedder.name if embedder else "",
        space=space,
        points=points,
        weights=solution.weights,
        scale=scale,
        ruled=ruled,
        scope=_scope(solution, likeness, truth, len(names), len(out_of_scope)),
        predicted=predicted,
        confidence=confidence,
        right=right,
        figures={
            "examples": len(texts),
            "out_of_scope": len(out_of_scope),
            "accuracy": float(right.mean()),
            "ece": expected_error(shares, truth),
            "temperature": (ruled or scale).temperature,
            "rules": ruled.rules if ruled else 0.0,
            "cutoffs": _cut_offs(names, predicted, confidence, right),
        },
    )


def opinions(rules: Rules, labels: Sequence[str]) -> NDArray[np.float32]:
    return np.array([[each.get(label, 0.0) for label in labels] for each in rules], dtype=np.float32)


def _sample(labels: Sequence[str]) -> list[int]:
    """All, or where they are too many every so-many-eth of each label, so that each keeps its share."""
    if len(labels) <= MOST:
        return list(range(len(labels)))
    by_label = sorted(range(len(labels)), key=lambda at: labels[at])
    return sorted(by_label[at * len(labels) // MOST] for at in range(MOST))


def _spoken(label: str) -> str:
    """A label's own words, which are one more example of it ("card_arrival"); nothing where it is a number."""
    return " ".join(word for word in _WORD.findall(label) if len(word) > 2)


def _targets(truth: NDArray[np.int32], labels: int, outside: int, named: Sequence[int]) -> NDArray[np.float32]:
    columns = np.concatenate([truth, np.full(outside, labels), np.array(named, dtype=np.int32)]).astype(np.int32)
    return np.eye(labels + (outside > 0), dtype=np.float32)[columns]


def _scope(solution: ridge.Solution, likeness: Array, truth: Array, labels: int, outside: int) -> Logistic:
    """How to tell what is in scope.

    Without examples of what is not, those of each label play them, seen by a classifier that never met the label.
    """
    inside = len(truth)
    np.fill_diagonal(likeness, -1.0)
    unseen = solution.left_out()
    known = scope_features(unseen[:inside], likeness[:inside, :inside], labels)
    if outside:
        strangers = slice(inside, inside + outside)
        foreign = scope_features(unseen[strangers], likeness[strangers, :inside], labels)
    else:
        strange, apart = _without_their_label(solution, likeness, truth, labels)
        foreign = scope_features(strange, apart, labels)
    is_known = np.arange(len(known) + len(foreign)) < len(known)
    return fit_logistic(np.vstack([known, foreign]), is_known, SCOPE_SIGNS)


def _without_their_label(solution: ridge.Solution, likeness: Array, truth: Array, labels: int) -> tuple[Array, Array]:
    """Scores of each example, and its likeness to others, as if its label did not exist."""
    inside = len(truth)
    named = solution.targets[:, :labels].argmax(axis=1)
    groups = [np.flatnonzero(named == label) for label in range(labels)]
    strange = solution.groups_left_out(groups)[:inside]
    strange[np.arange(inside), truth] = -1.0
    apart = likeness[:inside, :inside]
    for rows in groups:
        own = rows[rows < inside]
        apart[np.ix_(own, own)] = -1.0
    return strange, apart


def _cut_offs(names: Sequence[str], predicted: Array, confidence: Array, right: Array) -> dict[str, dict[str, float]]:
    return {
        str(wanted): {
            name: round(label_cut_off(label, predicted, confidence, right, wanted), 4)
            for label, name in enumerate(names)
        }
        for wanted in WANTED
    }


def label_cut_off(label: int, predicted: Array, confidence: Array, right: Array, wanted: float) -> float:
    """Of a label that was predicted seldom nothing can be said alone: the predictions of all labels decide."""
    own = predicted == label
    chosen = own if int(own.sum()) >= LEAST else np.ones_like(own)
    return cut_off(confidence[chosen], right[chosen], wanted)
