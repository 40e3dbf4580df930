"""Of the predictions at 0.8 four in five are right; cut-offs promise no more than was seen."""

from __future__ import annotations

import random

import numpy as np
import pytest

from triage.analysis.semantic import ridge
from triage.analysis.semantic.calibration import cut_off, expected_error
from triage.analysis.semantic.fitting import fit_logistic, fit_scale
from triage.analysis.semantic.training import train

TOPICS = {
    "red": "maçã tijolo sangue rosa rubi",
    "blue": "mar céu safira anil jeans",
    "green": "mato folha limão sapo ervilha",
}


def muddled(count: int, seed: int) -> tuple[list[str], list[str]]:
    """Texts of which a share says more of another topic than of its own."""
    chance = random.Random(seed)
    texts, labels = [], []
    for _ in range(count):
        label = chance.choice(list(TOPICS))
        words = [chance.choice(TOPICS[label if chance.random() < 0.55 else chance.choice(list(TOPICS))].split())]
        words += [chance.choice(TOPICS[chance.choice(list(TOPICS))].split()) for _ in range(chance.randrange(3))]
        texts.append(" ".join(words))
        labels.append(label)
    return texts, labels


def test_confidence_is_as_high_as_accuracy_on_texts_that_were_not_learnt() -> None:
    classifier = train(*muddled(400, seed=1), embedder=None)
    texts, labels = muddled(1500, seed=2)
    shares = np.array([list(made.probabilities.values()) for made in classifier.predict(texts)])
    truth = np.array([classifier.labels.index(label) for label in labels])
    accuracy = float((shares.argmax(axis=1) == truth).mean())
    assert 0.4 < accuracy < 0.8
    assert float(shares.max(axis=1).mean()) == pytest.approx(accuracy, abs=0.03)
    assert expected_error(shares, truth) < 0.1
    assert classifier.figures["accuracy"] == pytest.approx(accuracy, abs=0.06)


def test_the_temperature_that_made_scores_is_found_again() -> None:
    chance = np.random.default_rng(3)
    logits = chance.normal(size=(4000, 5)) * 2
    truth = np.array([chance.choice(5, p=np.exp(row) / np.exp(row).sum()) for row in logits])
    assert fit_scale(logits * 0.1, truth).temperature == pytest.approx(0.1, rel=0.1)


def test_leaving_out_in_closed_form_is_leaving_out() -> None:
    chance = np.random.default_rng(4)
    points = chance.normal(size=(30, 3)).astype(np.float32)
    kernel = np.exp(-((points[:, None] - points[None]) ** 2).sum(axis=2)).astype(np.float32)
    targets = np.eye(3, dtype=np.float32)[chance.integers(0, 3, 30)]
    solution = ridge.solve(kernel.copy(), targets)
    groups = [np.arange(0, 10), np.arange(10, 30)]
    for rows, said in [
        (np.array([7]), solution.left_out()),
        (groups[1], solution.groups_left_out(groups)),
    ]:
        rest = np.setdiff1d(np.arange(30), rows)
        retrained = ridge.solve(kernel[np.ix_(rest, rest)].copy(), targets[rest])
        assert said[rows] == pytest.approx(kernel[np.ix_(rows, rest)] @ retrained.weights, abs=1e-3)


def test_a_cut_off_is_the_least_confidence_that_keeps_the_promise() -> None:
    confidence = np.linspace(0.01, 1, 100)
    right = np.arange(100) >= 50  # the surer half is right, the other wrong
    found = cut_off(confidence, right, 0.9)
    assert right[confidence >= found].mean() >= 0.9
    assert right[confidence >= found - 0.02].mean() < 0.91
    assert cut_off(confidence, np.zeros(100, dtype=bool), 0.9) == 1.0
    assert cut_off(confidence[-2:], np.array([True, True]), 0.95) == 1.0  # too few to promise anything


def test_a_higher_wish_never_has_a_lower_cut_off() -> None:
    classifier = train(*muddled(300, seed=5), embedder=None)
    for label in classifier.labels:
        cuts = [classifier.cut_off(label, wanted) for wanted in (0.5, 0.7, 0.9, 0.99)]
        assert cuts == sorted(cuts)


def test_rare_answers_weigh_as_much_as_frequent_ones() -> None:
    chance = np.random.default_rng(6)
    features = np.concatenate([chance.normal(1, 1, (900, 1)), chance.normal(-1, 1, (100, 1))])
    fitted = fit_logistic(features, np.arange(1000) < 900, (1,))
    assert fitted.probabilities(np.array([[0.0]]))[0] == pytest.approx(0.5, abs=0.06)
