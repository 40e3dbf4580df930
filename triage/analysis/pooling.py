"""Several opinions as one: a linear opinion pool (Stone 1961), weighed by how reliable each analyzer is.

A mean of probabilities is as sure as its voices agree: where two who are equally reliable name different categories
with 0.9 each, none has more than about a half.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from triage.analysis.base import Finding, Scored

UNMEASURED = 0.7
"""What an analyzer weighs of which nobody measured how often it is right; it is believed no further than that."""


def agree(findings: Sequence[Finding]) -> bool:
    """Whether all who named a category named the same."""
    return len({finding.categories[0].id for finding in findings if finding.categories}) <= 1


def pooled(findings: Sequence[Finding], reliability: Mapping[str, float]) -> tuple[Scored, ...]:
    """Categories, best first, with the evidence of whoever is surest of them. Findings without any do not vote."""
    voters = [finding for finding in findings if finding.categories]
    weights = [reliability.get(voter.analyzer, UNMEASURED) for voter in voters]
    whole = sum(weights)
    shares: dict[str, float] = {}
    quoted: dict[str, Scored] = {}
    for voter, weight in zip(voters, weights, strict=True):
        believed = 1.0 if voter.calibrated else reliability.get(voter.analyzer, UNMEASURED)
        for scored in voter.categories:
            shares[scored.id] = shares.get(scored.id, 0.0) + weight * min(scored.score, believed) / whole
            if scored.evidence and (scored.id not in quoted or scored.score > quoted[scored.id].score):
                quoted[scored.id] = scored
    ranked = sorted(shares, key=lambda category: -shares[category])
    return tuple(
        Scored(category, shares[category], quoted[category].evidence if category in quoted else ())
        for category in ranked
    )
