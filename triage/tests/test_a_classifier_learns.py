"""What a classifier learns from examples, and how it explains itself."""

from __future__ import annotations

import pytest

from triage.analysis.semantic.classifier import Classifier, Prediction
from triage.analysis.semantic.training import train
from triage.tests.taught_flow import LABELS, STRANGE, TEXTS


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return train(TEXTS, LABELS, embedder=None, out_of_scope=STRANGE)


def best(prediction: Prediction) -> str:
    return max(prediction.probabilities, key=lambda label: prediction.probabilities[label])


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("um carro bateu em mim", "crash"),
        ("UM CARRO ME ATROPELOU", "crash"),
        ("os freios estao gastos", "wear"),
        ("my brakes squeel", "wear"),
        ("the gear is worn", "wear"),
    ],
)
def test_words_it_never_met_are_understood_by_their_spelling(classifier: Classifier, text: str, label: str) -> None:
    assert best(classifier.predict([text])[0]) == label


def test_probabilities_sum_to_one(classifier: Classifier) -> None:
    for prediction in classifier.predict(["freio", "", "\0 xyz \ud800", "carro " * 5000]):
        assert sum(prediction.probabilities.values()) == pytest.approx(1)
        assert 0 <= prediction.in_scope <= 1


def test_what_lies_outside_is_less_probably_in_scope(classifier: Classifier) -> None:
    inside, outside = classifier.predict(["o freio da bicicleta está gasto", "previsão do tempo e receita de bolo"])
    assert inside.in_scope > 0.5 > outside.in_scope


def test_without_examples_of_the_outside_likeness_decides() -> None:
    classifier = train(TEXTS, LABELS, embedder=None)
    inside, outside = classifier.predict(["o freio chia quando aperto muito", "zzz qqq www"])
    assert inside.in_scope > outside.in_scope


def test_it_shows_the_nearest_examples_and_the_strongest_words(classifier: Classifier) -> None:
    (prediction,) = classifier.predict(["a corrente está gasta e o freio chia"])
    assert prediction.nearest[0][:2] in {
        ("a corrente está gasta e pula", "wear"),
        ("o freio chia quando aperto", "wear"),
    }
    likeness = [similarity for _, _, similarity in prediction.nearest]
    assert likeness == sorted(likeness, reverse=True)
    assert {"corrente", "chia"} & {word for word, _ in prediction.words}


def test_a_label_s_own_words_are_one_more_example() -> None:
    labels = ["card_arrival" if label == "crash" else "lost_pin" for label in LABELS]
    named = train(TEXTS, labels, embedder=None)
    shares = named.predict(["lost pin"])[0].probabilities
    assert shares["lost_pin"] > 0.9
    assert "lost pin" not in {example for example, _, _ in named.predict(["lost pin"])[0].nearest}


def test_one_label_is_nothing_to_learn() -> None:
    with pytest.raises(ValueError, match="two labels"):
        train(["a", "b"], ["x", "x"], embedder=None)
