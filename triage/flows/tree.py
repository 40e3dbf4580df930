"""Walking through a flow: its conditions with their paths, and what a condition asks about."""

from __future__ import annotations

from collections.abc import Iterator

from triage.flows.schema import Condition, Flow


def conditions_of(flow: Flow) -> Iterator[tuple[str, Condition]]:
    """Every condition of the flow at its root, with the path that names it to the flow's author."""
    for question in flow.questions:
        if question.when is not None:
            yield f"questions.{question.id}.when", question.when
    for factor in flow.factors:
        yield f"factors.{factor.id}.when", factor.when
    for flag in flow.red_flags:
        yield f"red_flags.{flag.id}.when", flag.when
    for rule in flow.urgency.rules:
        yield f"urgency.rules.{rule.id}.when", rule.when
    yield from _shelf_conditions(flow)


def _shelf_conditions(flow: Flow) -> Iterator[tuple[str, Condition]]:
    """Those of the documents and next steps, the flow's own and each category's."""
    owners = [("", flow.documents, flow.next_steps)]
    owners += [(f"categories.{own.id}.", own.documents, own.next_steps) for own in flow.categories]
    for prefix, documents, steps in owners:
        for number, document in enumerate(documents):
            if document.when is not None:
                yield f"{prefix}documents[{number}].when", document.when
        for number, step in enumerate(steps):
            if step.when is not None:
                yield f"{prefix}next_steps[{number}].when", step.when


def children(condition: Condition) -> list[Condition]:
    if condition.not_ is not None:
        return [condition.not_]
    return condition.all or condition.any or []


def leaves(condition: Condition) -> Iterator[Condition]:
    """The simple tests that a condition is made of."""
    below = children(condition)
    if not below:
        yield condition
    for child in below:
        yield from leaves(child)


def slots_of(condition: Condition) -> frozenset[str]:
    return frozenset(leaf.slot for leaf in leaves(condition) if leaf.slot is not None)


def flags_of(condition: Condition) -> frozenset[str]:
    return frozenset(flag for leaf in leaves(condition) for flag in leaf.flag or ())


def categories_of(condition: Condition) -> frozenset[str]:
    return frozenset(category for leaf in leaves(condition) for category in leaf.category or ())
