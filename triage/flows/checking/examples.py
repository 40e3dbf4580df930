"""What is learnt from, and what that is measured by, must be told apart."""

from __future__ import annotations

from collections.abc import Iterator

from triage.flows.schema import Flow
from triage.flows.terms import fold

OUT_OF_SCOPE = "out_of_scope"


def check_examples(flow: Flow) -> Iterator[tuple[str, str]]:
    categories = {category.id for category in flow.categories}
    seen: dict[str, str] = {}
    for group, path, language, text in _sentences(flow):
        if group != OUT_OF_SCOPE and group not in categories:
            yield path, f"there is no category {group}"
        if language not in flow.languages:
            yield f"{path}.{language}", "is no language of the flow"
        place = seen.setdefault(" ".join(fold(text).split()), path)
        if place != path:
            yield path, f"{text!r} is in {place} already"


def _sentences(flow: Flow) -> Iterator[tuple[str, str, str, str]]:
    """Group, path, language, text."""
    for name, groups in (("examples", flow.examples), ("held_out", flow.held_out)):
        for group, lists in groups.items():
            for language, texts in lists.items():
                yield from ((group, f"{name}.{group}", language, text) for text in texts)
    for language, texts in flow.out_of_scope.items():
        yield from ((OUT_OF_SCOPE, OUT_OF_SCOPE, language, text) for text in texts)
