"""The analyzer that asks the flow's classifier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from triage.analysis.base import Evidence, Facts, Finding, Likeness, Scored, Utterance
from triage.analysis.semantic.classifier import Prediction
from triage.analysis.semantic.features import words
from triage.analysis.semantic.recalled import Recalled
from triage.flows.schema import Flow

_MOST_EVIDENCE = 5
_LEAST_WORDS = 4
IN_SCOPE = 0.5

Predict = Callable[[Sequence[str]], list[Prediction]]


class SemanticAnalyzer:
    """Of one flow version. Without its classifier nothing is found, which is said (`not_trained`)."""

    name = "semantic"

    def __init__(self, learnt: Recalled | None) -> None:
        self._learnt = learnt

    def analyse(self, facts: Facts) -> Finding:
        """No opinion on factors, danger and mood: those are the rules'."""
        empty = Finding(self.name, (), (), (), "neutral", (), calibrated=True)
        if self._learnt is None:
            return replace(empty, notes=("not_trained",))
        found = telling(facts.utterances, self._learnt.predict)
        if found is None:
            return replace(empty, notes=("nothing_said",))
        told, prediction = found
        return replace(
            empty,
            categories=categories(facts.flow, told, prediction),
            keywords=tuple(term for term, _ in prediction.words),
            in_scope=prediction.in_scope,
            notes=("tfidf_only",) if self._learnt.classifier.kind == "tfidf" else (),
            nearest=tuple(Likeness(*one) for one in prediction.nearest),
        )


def telling(utterances: Sequence[Utterance], predict: Predict) -> tuple[Utterance, Prediction] | None:
    """The message with which the case was told: the first of a few words that is about any, else the first.

    That is what examples are. Answers ("yes", "in March") are like none of them, and a whole conversation looks like
    no case at all: with simulated clients its category was right in 19 % of the cases, that of its telling in 87 %.
    """
    spoken = [utterance for utterance in utterances if utterance.text.strip()]
    long_enough = [one for one in spoken if len(one.text.split()) >= _LEAST_WORDS] or spoken[:1]
    for one in long_enough:
        prediction = predict([one.text])[0]
        if prediction.in_scope >= IN_SCOPE:
            return one, prediction
    return (long_enough[0], predict([long_enough[0].text])[0]) if long_enough else None


def categories(flow: Flow, told: Utterance, prediction: Prediction) -> tuple[Scored, ...]:
    """The flow's categories, best first; where its fallback is not learnt from examples, it is what lies outside."""
    known = {category.id for category in flow.categories}
    shares = {label: share for label, share in prediction.probabilities.items() if label in known}
    fallback = flow.fallback_category
    if fallback not in shares:
        shares = {label: share * prediction.in_scope for label, share in shares.items()}
        shares[fallback] = 1 - prediction.in_scope
    spoken_for = max(prediction.probabilities, key=lambda label: prediction.probabilities[label])
    ranked = sorted(shares, key=lambda label: (-shares[label], label))
    evidence = _evidence(told, prediction)
    return tuple(Scored(label, shares[label], evidence if label == spoken_for else ()) for label in ranked)


def _evidence(told: Utterance, prediction: Prediction) -> tuple[Evidence, ...]:
    """Where the strongest words were said first; none that lies in another."""
    found: list[Evidence] = []
    for term, _ in prediction.words:
        span = next(((start, end) for word, start, end in words(told.text) if word == term), None)
        if span is None:
            continue
        here = Evidence(told.message_id, *span, told.text[slice(*span)], "word:semantic")
        if not any(_overlap(here, other) for other in found):
            found.append(here)
    return tuple(found[:_MOST_EVIDENCE])


def _overlap(one: Evidence, other: Evidence) -> bool:
    return one.start < other.end and other.start < one.end
