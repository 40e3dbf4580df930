"""What changed between two versions of a flow, as an editor would put it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from triage.flows.schema import Flow, Utterances

LISTS = ("categories", "questions", "slots", "factors", "red_flags")
WHOLES = (
    "title",
    "description",
    "languages",
    "time_zone",
    "currency",
    "phrases",
    "commands",
    "documents",
    "next_steps",
    "fallback_category",
)
EXAMPLES = ("examples", "held_out")


@dataclass(frozen=True, slots=True)
class ListChange:
    """`changed`: the names of the parts that differ, by the entry's id."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class Changes:
    """`lists` by kind of entry; `settings`: thresholds, limits and the like by path, old and new; `texts`: what else
    reads otherwise; `examples`: how many there were and are, by group, category and language."""

    lists: dict[str, ListChange]
    settings: dict[str, tuple[Any, Any]]
    texts: list[str]
    examples: dict[str, tuple[int, int]]

    def __bool__(self) -> bool:
        return bool(self.lists or self.settings or self.texts or self.examples)


def compare(old: Flow, new: Flow) -> Changes:
    lists = {name: _entries(getattr(old, name), getattr(new, name)) for name in LISTS}
    lists["urgency.rules"] = _entries(old.urgency.rules, new.urgency.rules)
    before, after = _settings(old), _settings(new)
    changed = {
        path: (before.get(path), after.get(path))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    }
    texts = [name for name in WHOLES if getattr(old, name) != getattr(new, name)]
    return Changes({name: one for name, one in lists.items() if one}, changed, texts, _examples(old, new))


def _entries(old: Iterable[Any], new: Iterable[Any]) -> ListChange:
    before, after = ({entry.id: entry for entry in entries} for entries in (old, new))
    return ListChange(
        added=[id_ for id_ in after if id_ not in before],
        removed=[id_ for id_ in before if id_ not in after],
        changed={
            id_: [name for name in type(entry).model_fields if getattr(before[id_], name) != getattr(entry, name)]
            for id_, entry in after.items()
            if id_ in before and before[id_] != entry
        },
    )


def _settings(flow: Flow) -> dict[str, Any]:
    """Numbers and switches, by path."""
    complexity, urgency, analysis = flow.complexity, flow.urgency, flow.analysis
    wholes: dict[str, Mapping[str, Any]] = {
        "complexity": complexity.model_dump(include={"medium", "high", "limits"}),
        "urgency": urgency.model_dump(include={"default", "hours", "deadline_slot"}),
        "analysis": analysis.model_dump(),
        "flow": flow.model_dump(include={"order", "listed"}),
    }
    return dict(pair for path, value in wholes.items() for pair in _leaves(path, value))


def _leaves(path: str, value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}", inner)
    else:
        yield path, value


def _examples(old: Flow, new: Flow) -> dict[str, tuple[int, int]]:
    """Those groups of which any sentence differs, even where there are as many."""
    before, after = _groups(old), _groups(new)
    return {
        path: (len(before.get(path, [])), len(after.get(path, [])))
        for path in sorted(before.keys() | after.keys())
        if before.get(path, []) != after.get(path, [])
    }


def _groups(flow: Flow) -> dict[str, list[str]]:
    groups: dict[str, Utterances] = {"out_of_scope": flow.out_of_scope}
    for name in EXAMPLES:
        groups |= {f"{name}.{category}": lists for category, lists in getattr(flow, name).items()}
    return {f"{path}.{language}": texts for path, lists in groups.items() for language, texts in lists.items()}
