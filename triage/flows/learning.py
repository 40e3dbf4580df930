"""Approved corrections as examples: what people said whose case a person put into another category."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from triage.flows.schema import Flow, Utterances
from triage.flows.terms import fold
from triage.models import Correction, FlowVersion


def with_corrections(flow: Flow) -> tuple[Flow, list[Correction]]:
    """The flow with the approved corrections of its categories among its examples, and those that were taken.

    Left out are those that the flow says already (it may hold them out, to measure by), or has no category or no
    language for.
    """
    known = {_folded(text) for text in _texts(flow)}
    examples = {
        id_: {language: list(texts) for language, texts in lists.items()} for id_, lists in flow.examples.items()
    }
    categories = {category.id for category in flow.categories}
    taken = []
    for correction in _approved(flow.id):
        text = _folded(correction.text)
        fits = correction.new in categories and correction.language in flow.languages
        if not text or text in known or not fits:
            continue
        known.add(text)
        taken.append(correction)
        examples.setdefault(correction.new, {}).setdefault(correction.language, []).append(correction.text)
    return flow.model_copy(update={"examples": examples}), taken


def mark_learnt(taken: Iterable[Correction], version: FlowVersion) -> None:
    """The first version alone is noted: those after it may have it too."""
    Correction.objects.filter(pk__in=[one.pk for one in taken], learnt_in=None).update(learnt_in=version)


def _approved(flow_id: str) -> Iterable[Correction]:
    approved = Correction.objects.filter(flow__flow=flow_id, status=Correction.Status.APPROVED)
    return approved.filter(field=Correction.Field.CATEGORY).order_by("pk")


def _texts(flow: Flow) -> Iterator[str]:
    groups: list[Utterances] = [*flow.examples.values(), *flow.held_out.values(), flow.out_of_scope]
    for lists in groups:
        for texts in lists.values():
            yield from texts


def _folded(text: str) -> str:
    return " ".join(fold(text).split())
