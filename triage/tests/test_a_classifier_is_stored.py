"""A classifier says the same after it was stored, and training again makes the same one."""

from __future__ import annotations

import pickle
from contextlib import suppress
from typing import Any

import pytest

from triage.analysis.semantic.classifier import Classifier, EmbedderMissing
from triage.analysis.semantic.embedding import Embedder
from triage.analysis.semantic.training import train
from triage.tests.taught_flow import LABELS, STRANGE, TEXTS, Letters

ASKED = ["o carro me acertou", "meu freio está gasto e chia", "bolo", ""]


def trained(embedder: Embedder | None, **more: Any) -> Classifier:
    return train(TEXTS, LABELS, embedder=embedder, **more)


@pytest.mark.parametrize("embedder", [None, Letters()])
@pytest.mark.parametrize("strange", [(), STRANGE])
def test_a_stored_classifier_predicts_the_same(embedder: Embedder | None, strange: list[str]) -> None:
    before = trained(embedder, out_of_scope=strange)
    after = Classifier.from_bytes(before.to_bytes(), embedder=embedder)
    assert after.predict(ASKED) == before.predict(ASKED)
    assert after.figures == before.figures
    assert after.cut_off("crash", 0.9) == before.cut_off("crash", 0.9)
    assert (after.kind, after.labels) == (before.kind, ("crash", "wear"))


def test_training_twice_makes_the_same() -> None:
    assert trained(Letters()).to_bytes() == trained(Letters()).to_bytes()


def test_bytes_that_are_no_classifier_are_refused_and_no_code_of_theirs_runs() -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (pytest.fail, ("code was run",))

    for data in (b"", b"nothing", pickle.dumps(Trap()), trained(None).to_bytes()[:-200]):
        with pytest.raises(ValueError, match=r"no classifier|pickle"):
            Classifier.from_bytes(data)


def test_one_trained_with_embeddings_is_not_read_with_others() -> None:
    class Others(Letters):
        name = "others"

    with pytest.raises(EmbedderMissing):
        Classifier.from_bytes(trained(Letters()).to_bytes(), embedder=Others())


def test_damaged_bytes_are_refused_in_one_way_wherever_the_damage_is() -> None:
    whole = trained(None).to_bytes()
    for at in range(0, len(whole), len(whole) // 300):
        damaged = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        with suppress(ValueError):  # some bytes matter to nobody
            Classifier.from_bytes(damaged)
