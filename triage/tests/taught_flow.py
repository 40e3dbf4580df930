"""The bicycle workshop, with examples to learn from, and an embedder that needs no model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from triage.analysis.semantic.encoders import Vectors
from triage.flows.schema import Flow
from triage.tests.small_flow import flow_with

CRASH = {
    "pt-BR": [
        "um carro me atropelou na esquina",
        "caí da bicicleta na ladeira ontem",
        "bati de frente num poste",
        "um ônibus fechou a rua e eu fui ao chão",
        "o carro não parou e acertou minha roda",
        "tombei na curva molhada e a roda entortou",
    ],
    "en": [
        "a car hit me at the corner",
        "I fell off on the hill yesterday",
        "I ran straight into a lamp post",
        "a bus cut me off and I went down",
        "the car did not stop and hit my wheel",
        "I slid in the wet bend and bent the wheel",
    ],
}
WEAR = {
    "pt-BR": [
        "a corrente está gasta e pula",
        "o freio chia quando aperto",
        "a marcha não entra mais direito",
        "o pneu está careca de tanto uso",
        "a pastilha do freio acabou",
        "o câmbio está velho e range",
    ],
    "en": [
        "the chain is worn and skips",
        "the brake squeals when I pull it",
        "the gears do not shift properly any more",
        "the tyre has gone bald with use",
        "the brake pads are finished",
        "the old derailleur creaks",
    ],
}
OUTSIDE = {
    "pt-BR": ["qual a previsão do tempo para amanhã", "quero uma receita de bolo de cenoura"],
    "en": ["what is the weather like tomorrow", "give me a recipe for carrot cake"],
}


def taught_flow() -> Flow:
    def teach(data: dict[str, Any]) -> None:
        data["examples"] = {"crash": CRASH, "wear": WEAR}
        data["out_of_scope"] = OUTSIDE

    return flow_with(teach)


TEXTS = [text for group in (CRASH, WEAR) for texts in group.values() for text in texts]
LABELS = [label for label, group in (("crash", CRASH), ("wear", WEAR)) for texts in group.values() for _ in texts]
STRANGE = [text for texts in OUTSIDE.values() for text in texts]


class Letters:
    """Counts letters: the same text always lies at the same place. `asked` remembers what it was asked for."""

    name = "letters"
    parts: tuple[int, ...] = (26,)

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        counts = [[1.0 + text.lower().count(chr(97 + letter)) for letter in range(26)] for text in texts]
        vectors = np.array(counts, dtype=np.float32).reshape(-1, 26)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors
