"""Danger that is only hinted at: whoever gives their things away says nothing that a pattern could hear.

Learnt from what people in danger say, and from what sounds alike and is harmless.
"""

from __future__ import annotations

from triage.analysis.base import Evidence, Facts, Scored
from triage.analysis.semantic.classifier import Classifier
from triage.analysis.semantic.embedding import Embedder
from triage.analysis.semantic.recalled import Recalled
from triage.flows.schema import Flow, listed

FALSE_ALARMS = 0.02  # of what is harmless, a third of it made to sound dangerous; of ordinary messages far fewer
_LEAST_WORDS = 3
_ORDINARY = 80  # examples of each category and language that stand for what is said every day


def is_taught(flow: Flow) -> bool:
    return bool(flow.danger and flow.harmless)


def learn(flow: Flow, embedder: Embedder | None) -> Classifier:
    """Of the red flags. Examples of ordinary cases that look dangerous are no counterexamples: they may well be."""
    texts, labels = [], []
    for flag, lists in flow.danger.items():
        said = listed(lists)
        texts += said
        labels += [flag] * len(said)
    harmless = listed(flow.harmless)
    ordinary = [text for lists in flow.examples.values() for said in lists.values() for text in _some(said)]
    first = Classifier.train(texts, labels, embedder=embedder, out_of_scope=[*harmless, *ordinary])
    looks = first.foreign[len(harmless) :]
    calm = [text for text, share in zip(ordinary, looks, strict=True) if share < 1 / 2]
    return Classifier.train(texts, labels, embedder=embedder, out_of_scope=[*harmless, *calm])


def heard(learnt: Recalled, facts: Facts) -> tuple[Scored, ...]:
    """The flags that messages hint at, each with the whole message as its evidence."""
    said = [one for one in facts.utterances if len(one.text.split()) >= _LEAST_WORDS]
    least = learnt.classifier.alarm_cut_off(FALSE_ALARMS)
    found: dict[str, list[Evidence]] = {}
    for one, prediction in zip(said, learnt.predict([one.text for one in said]), strict=True):
        if prediction.in_scope >= least:
            flag = max(prediction.probabilities, key=lambda label: prediction.probabilities[label])
            evidence = Evidence(one.message_id, 0, len(one.text), one.text, f"meaning:{flag}")
            found.setdefault(flag, []).append(evidence)
    return tuple(Scored(flag, 1.0, tuple(evidence)) for flag, evidence in found.items())


def _some(texts: list[str]) -> list[str]:
    """Evenly from the whole list, the same ones always."""
    step = max(len(texts) // _ORDINARY, 1)
    return texts[::step][:_ORDINARY]
