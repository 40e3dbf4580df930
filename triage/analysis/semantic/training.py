"""Learning from examples. Whatever is calibrated here is calibrated by predictions of examples that were left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.analysis.semantic import embedding, ridge
from triage.analysis.semantic.calibration import Logistic, Scale, cut_off, expected_error, fit_logistic, fit_scale
from triage.analysis.semantic.embedding import Embedder
from triage.analysis.semantic.learnt import Learnt, scope_features
from triage.analysis.semantic.space import Space, nearness

MOST = 12_000  # examples that are learnt from; time grows with their third power, memory with their square
LEAST = 8  # predictions of a label, below which nothing is said of that label alone
WANTED = (0.8, 0.9, 0.95, 0.98)
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
    everything = [*texts, *out_of_scope]
    vectors = embedding.encode(embedder, everything) if embedder else None
    space = Space.learn(everything, vectors)
    points = space.place(everything, vectors)
    likeness = space.likeness(points, points)
    targets = _targets(truth, len(names), len(out_of_scope))
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
        scope=_scope(solution, unseen, likeness, truth, len(names)),
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


def _targets(truth: NDArray[np.int32], labels: int, outside: int) -> NDArray[np.float32]:
    columns = np.concatenate([truth, np.full(outside, labels, dtype=np.int32)])
    return np.eye(labels + (outside > 0), dtype=np.float32)[columns]


def _scope(solution: ridge.Solution, unseen: Array, likeness: Array, truth: Array, labels: int) -> Logistic:
    """How to tell what is in scope.

    Without examples of what is not, those of each label play them, seen by a classifier that never met the label.
    """
    inside = len(truth)
    np.fill_diagonal(likeness, -1.0)
    known = scope_features(unseen[:inside], likeness[:inside, :inside], labels)
    if len(unseen) > inside:
        foreign = scope_features(unseen[inside:], likeness[inside:, :inside], labels)
    else:
        groups = [np.flatnonzero(truth == label) for label in range(labels)]
        strange = solution.groups_left_out(groups)
        strange[np.arange(inside), truth] = -1.0
        for rows in groups:
            likeness[np.ix_(rows, rows)] = -1.0
        foreign = scope_features(strange, likeness, labels)
    is_known = np.arange(len(known) + len(foreign)) < len(known)
    return fit_logistic(np.vstack([known, foreign]), is_known)


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
