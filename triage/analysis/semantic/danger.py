"""Danger that is only hinted at: whoever gives their things away says nothing that a pattern could hear.

Learnt from what people in danger say, and from what sounds alike and is harmless.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from triage.analysis.base import Evidence, Facts, Scored
from triage.analysis.semantic.classifier import Classifier, Prediction
from triage.analysis.semantic.embedding import Embedder
from triage.flows.schema import Flow, Utterances

FALSE_ALARMS = 0.02  # of what is harmless, a third of it made to sound dangerous; of ordinary messages far fewer
_LEAST_WORDS = 3
_MOST_KNOWN = 4096  # messages
_ORDINARY = 80  # examples of each category and language that stand for what is said every day


def is_taught(flow: Flow) -> bool:
    return bool(flow.danger and flow.harmless)


def learn(flow: Flow, embedder: Embedder | None) -> Classifier:
    """Of the red flags. Examples of ordinary cases that look dangerous are no counterexamples: they may well be."""
    texts, labels = [], []
    for flag, lists in flow.danger.items():
        said = list(_all(lists))
        texts += said
        labels += [flag] * len(said)
    harmless = list(_all(flow.harmless))
    ordinary = [text for lists in flow.examples.values() for said in lists.values() for text in _some(said)]
    first = Classifier.train(texts, labels, embedder=embedder, out_of_scope=[*harmless, *ordinary])
    looks = first.foreign[len(harmless) :]
    calm = [text for text, share in zip(ordinary, looks, strict=True) if share < 1 / 2]
    return Classifier.train(texts, labels, embedder=embedder, out_of_scope=[*harmless, *calm])


class Listener:
    """Remembers what it made of a message by the message's hash, as every turn looks at all of them again."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._least = classifier.alarm_cut_off(FALSE_ALARMS)
        self._known: dict[bytes, str] = {}

    def heard(self, facts: Facts) -> tuple[Scored, ...]:
        """The flags that messages hint at, each with the whole message as its evidence."""
        said = [one for one in facts.utterances if len(one.text.split()) >= _LEAST_WORDS]
        found: dict[str, list[Evidence]] = {}
        for one, flag in zip(said, self._flags([one.text for one in said]), strict=True):
            if flag:
                evidence = Evidence(one.message_id, 0, len(one.text), one.text, f"meaning:{flag}")
                found.setdefault(flag, []).append(evidence)
        return tuple(Scored(flag, 1.0, tuple(evidence)) for flag, evidence in found.items())

    def _flags(self, texts: Sequence[str]) -> list[str]:
        """Of each text the flag it raises, or nothing."""
        keys = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        made = {
            key: self._flag(one) for key, one in zip(new, self._classifier.predict(list(new.values())), strict=True)
        }
        self._known |= made
        return [made[key] if key in made else self._known.get(key, "") for key in keys]

    def _flag(self, prediction: Prediction) -> str:
        if prediction.in_scope < self._least:
            return ""
        return max(prediction.probabilities, key=lambda label: prediction.probabilities[label])


def _all(lists: Utterances) -> Iterable[str]:
    return (text for language in sorted(lists) for text in lists[language])


def _some(texts: list[str]) -> list[str]:
    """Evenly from the whole list, the same ones always."""
    step = max(len(texts) // _ORDINARY, 1)
    return texts[::step][:_ORDINARY]
