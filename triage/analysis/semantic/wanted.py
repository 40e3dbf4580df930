"""What a flow has enough sentences of to be learnt."""

from __future__ import annotations

from triage.flows.schema import Flow

LEAST_EXAMPLES, LEAST_CATEGORIES = 5, 2


def taught_categories(flow: Flow) -> list[str]:
    """Those with enough examples; none where there are too few to tell apart."""
    counts = {category: sum(map(len, examples.values())) for category, examples in flow.examples.items()}
    taught = [category for category, count in counts.items() if count >= LEAST_EXAMPLES]
    return taught if len(taught) >= LEAST_CATEGORIES else []


def teaches_danger(flow: Flow) -> bool:
    told = sum(len(texts) for said in flow.danger.values() for texts in said.values())
    return told >= LEAST_EXAMPLES and sum(map(len, flow.harmless.values())) >= LEAST_EXAMPLES
