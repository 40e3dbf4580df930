"""What is learnt from, and what that is measured by, must be told apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from triage.flows.schema import Flow, Utterances
from triage.flows.terms import fold

_Sentence = tuple[str, str, str]
"""Path in the flow, language, text."""


def check_examples(flow: Flow) -> Iterator[tuple[str, str]]:
    categories = {category.id for category in flow.categories}
    flags = {flag.id for flag in flow.red_flags}
    for name, groups, known, what in (
        ("examples", flow.examples, categories, "category"),
        ("held_out", flow.held_out, categories, "category"),
        ("danger", flow.danger, flags, "red flag"),
    ):
        yield from ((f"{name}.{group}", f"there is no {what} {group}") for group in groups if group not in known)
    told = [*_grouped("examples", flow.examples), *_grouped("held_out", flow.held_out)]
    # Whoever is in danger has a case too: what they say may be an example of it.
    for sentences in (
        [*told, *_listed("out_of_scope", flow.out_of_scope)],
        [*_grouped("danger", flow.danger), *_listed("harmless", flow.harmless)],
    ):
        yield from _mistakes(flow, sentences)


def _mistakes(flow: Flow, sentences: list[_Sentence]) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for path, language, text in sentences:
        if language not in flow.languages:
            yield f"{path}.{language}", "is no language of the flow"
        place = seen.setdefault(" ".join(fold(text).split()), path)
        if place != path:
            yield path, f"{text!r} is in {place} already"


def _grouped(name: str, groups: Mapping[str, Utterances]) -> Iterator[_Sentence]:
    for group, lists in groups.items():
        yield from _listed(f"{name}.{group}", lists)


def _listed(path: str, lists: Utterances) -> Iterator[_Sentence]:
    for language, texts in lists.items():
        yield from ((path, language, text) for text in texts)
