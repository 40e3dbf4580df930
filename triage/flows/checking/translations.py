"""Every sentence in every language of the flow, every term well formed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from triage.flows.schema import Flow, Id, Utterances, WordLists, Words
from triage.flows.terms import compile_terms

_KEYED_BY_LANGUAGE = (Words, WordLists, WordLists | None)
_NOT_OURS = (Utterances, dict[Id, Utterances])


def check_translations(flow: Flow) -> Iterator[tuple[str, str]]:
    for path, words, required in _sentences(flow, ""):
        if not words and not required:
            continue
        for language in flow.languages:
            if language not in words:
                yield f"{path}.{language}", "the translation is missing"
        for language, terms in words.items():
            if language not in flow.languages:
                yield f"{path}.{language}", "the flow does not speak this language"
            if isinstance(terms, list):
                yield from _malformed(f"{path}.{language}", terms)


def _malformed(path: str, terms: list[str]) -> Iterator[tuple[str, str]]:
    for number, term in enumerate(terms):
        try:
            compile_terms([term])
        except ValueError as error:
            yield f"{path}[{number}]", f"not a term: {error}"


def _sentences(part: Any, path: str) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Each set of words keyed by language, with its path and whether it must be there."""
    if isinstance(part, BaseModel):
        for name, info in type(part).model_fields.items():
            below = f"{path}.{info.alias or name}".lstrip(".")
            if info.annotation in _KEYED_BY_LANGUAGE:
                yield below, getattr(part, name) or {}, info.is_required()
            elif info.annotation not in _NOT_OURS:
                yield from _sentences(getattr(part, name), below)
    elif isinstance(part, list):
        for number, item in enumerate(part):
            named = getattr(item, "id", None)
            yield from _sentences(item, f"{path}.{named}" if named else f"{path}[{number}]")
    elif isinstance(part, dict):
        for key, item in part.items():
            if isinstance(item, dict):  # the titles of a level
                yield f"{path}.{key}", item, True
            else:
                yield from _sentences(item, f"{path}.{key}")
