"""The analyzer that asks the flow's classifier."""

from __future__ import annotations

from dataclasses import replace

from triage.analysis.base import Evidence, Facts, Finding, Likeness, Scored
from triage.analysis.rules import RulesAnalyzer
from triage.analysis.semantic.classifier import Classifier, Prediction
from triage.analysis.semantic.features import words

_MOST_EVIDENCE = 5
_RULES = RulesAnalyzer()


class SemanticAnalyzer:
    """Of one flow version. Without its classifier nothing is found, which is said (`not_trained`)."""

    name = "semantic"

    def __init__(self, classifier: Classifier | None) -> None:
        self._classifier = classifier

    def analyse(self, facts: Facts) -> Finding:
        """No opinion on factors, danger and mood: those are the rules'."""
        empty = Finding(self.name, (), (), (), "neutral", (), calibrated=True)
        classifier = self._classifier
        if classifier is None:
            return replace(empty, notes=("not_trained",))
        spoken = [utterance for utterance in facts.utterances if utterance.text.strip()]
        if not spoken:
            return replace(empty, notes=("nothing_said",))
        heard = _RULES.analyse(facts)
        second = {scored.id: scored.score for scored in heard.categories}
        prediction = classifier.predict(["\n".join(one.text for one in spoken)], rules=[second])[0]
        return replace(
            empty,
            categories=_categories(facts, prediction),
            keywords=tuple(term for term, _ in prediction.words),
            in_scope=prediction.in_scope,
            notes=("tfidf_only",) if classifier.kind == "tfidf" else (),
            nearest=tuple(Likeness(*one) for one in prediction.nearest),
        )


def _categories(facts: Facts, prediction: Prediction) -> tuple[Scored, ...]:
    """The flow's categories, best first; where its fallback is not learnt from examples, it is what lies outside."""
    known = {category.id for category in facts.flow.categories}
    shares = {label: share for label, share in prediction.probabilities.items() if label in known}
    fallback = facts.flow.fallback_category
    if fallback not in shares:
        shares = {label: share * prediction.in_scope for label, share in shares.items()}
        shares[fallback] = 1 - prediction.in_scope
    spoken_for = max(prediction.probabilities, key=lambda label: prediction.probabilities[label])
    ranked = sorted(shares, key=lambda label: (-shares[label], label))
    evidence = _evidence(facts, prediction)
    return tuple(Scored(label, shares[label], evidence if label == spoken_for else ()) for label in ranked)


def _evidence(facts: Facts, prediction: Prediction) -> tuple[Evidence, ...]:
    """Where the strongest words were said first; none that lies in another."""
    found: list[Evidence] = []
    for term, _ in prediction.words:
        for utterance in facts.utterances:
            span = next(((start, end) for word, start, end in words(utterance.text) if word == term), None)
            if span is None:
                continue
            here = Evidence(utterance.message_id, *span, utterance.text[slice(*span)], "word:semantic")
            if not any(_overlap(here, other) for other in found):
                found.append(here)
            break
    return tuple(found[:_MOST_EVIDENCE])


def _overlap(one: Evidence, other: Evidence) -> bool:
    return one.message_id == other.message_id and one.start < other.end and other.start < one.end
