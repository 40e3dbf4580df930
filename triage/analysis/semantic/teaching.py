"""A flow's lists of what people say, made into classifiers. Imports the solvers: only who trains imports this."""

from __future__ import annotations

from triage.analysis.semantic import training
from triage.analysis.semantic.classifier import Classifier
from triage.analysis.semantic.embedding import Embedder, Memo
from triage.analysis.semantic.wanted import taught_categories
from triage.flows.schema import Flow, listed

_ORDINARY = 80  # examples of each category and language that stand for what is said every day


def categories(flow: Flow, embedder: Embedder | None) -> Classifier:
    """Of the flow's examples; without an embedder, of their words. Raises ValueError where there are too few.

    What the rules make of the examples is not learnt with them: terms are written with examples in mind, so
    rules look better there than they are, and confidence would be too high everywhere else.
    """
    told = [(text, category) for category in taught_categories(flow) for text in listed(flow.examples[category])]
    return training.train(
        [text for text, _ in told],
        [category for _, category in told],
        embedder=embedder,
        out_of_scope=listed(flow.out_of_scope),
    )


def dangers(flow: Flow, embedder: Embedder | None) -> Classifier:
    """Of the red flags. Examples of ordinary cases that look dangerous are no counterexamples: they may well be."""
    texts, flags = [], []
    for flag, lists in flow.danger.items():
        said = listed(lists)
        texts += said
        flags += [flag] * len(said)
    harmless = listed(flow.harmless)
    ordinary = [text for lists in flow.examples.values() for said in lists.values() for text in _some(said)]
    known = Memo(embedder) if embedder else None
    first = training.train(texts, flags, embedder=known, out_of_scope=[*harmless, *ordinary])
    looks = first.foreign[len(harmless) :]
    calm = [text for text, share in zip(ordinary, looks, strict=True) if share < 1 / 2]
    return training.train(texts, flags, embedder=known, out_of_scope=[*harmless, *calm])


def _some(texts: list[str]) -> list[str]:
    """Evenly from the whole list, the same ones always."""
    step = max(len(texts) // _ORDINARY, 1)
    return texts[::step][:_ORDINARY]
