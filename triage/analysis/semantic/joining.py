"""What was learnt of a case's telling, joined with what the rules make of everything that was said."""

from __future__ import annotations

from triage.analysis.base import Facts, Scored
from triage.analysis.semantic.analyzer import IN_SCOPE, Predict, categories, telling

RULES_SHARE = 0.75
"""What the rules' shares count beside the probabilities that were learnt.

Tellings that taught nothing, legal-intake and it-support: rules alone 64 and 45 % right, what was learnt alone
88.6 and 91.9 %, joined like this 87.7 and 89.8 %, as equals 86.9 and 88.8 %. Rules hear all messages: they are given
more than is best for the first one.
"""
_LEAST = 0.02


def informed(facts: Facts, by_rules: tuple[Scored, ...], predict: Predict) -> tuple[Scored, ...]:
    """Categories, best first. Of a telling that seems to be about none of them only the rules say anything."""
    found = telling(facts.utterances, predict)
    if found is None or found[1].in_scope < IN_SCOPE:
        return by_rules
    return joined(categories(facts.flow, *found), by_rules)


def joined(learnt: tuple[Scored, ...], by_rules: tuple[Scored, ...]) -> tuple[Scored, ...]:
    """Best first; words that a rule knows are the better evidence."""
    spoken = {one.id: one for one in by_rules}
    known = {one.id: one for one in learnt}
    shares = {
        id_: (_share(known, id_) + RULES_SHARE * _share(spoken, id_)) / (1 + RULES_SHARE) for id_ in known | spoken
    }
    ranked = sorted((id_ for id_ in shares if shares[id_] >= _LEAST), key=lambda id_: -shares[id_])
    quoted = {id_: spoken[id_].evidence if id_ in spoken else known[id_].evidence for id_ in ranked}
    return tuple(Scored(id_, shares[id_], quoted[id_]) for id_ in ranked)


def _share(scored: dict[str, Scored], id_: str) -> float:
    return scored[id_].score if id_ in scored else 0.0
