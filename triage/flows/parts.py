"""A flow in several files: `my-flow.yaml`, and what the folder `my-flow/` beside it adds.

Mappings are joined, lists appended; entries of two lists that carry the same `id` are one entry. What is said twice
must be the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from triage.flows import strict_yaml


def read(path: Path) -> object:
    """The file and its folder's files, by name, joined.

    Raises OSError, and ValueError that names the file for what is no YAML, no mapping or contradicts another.
    """
    whole = _load(path)
    for part in sorted(path.with_suffix("").glob("*.yaml")):
        try:
            whole = _joined(whole, _load(part), where="")
        except ValueError as error:
            raise ValueError(f"{path.stem}/{part.name}: {error}") from error
    return whole


def _load(path: Path) -> object:
    try:
        return strict_yaml.load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"is not YAML: {error}") from error


def _joined(one: Any, other: Any, where: str) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {
            key: _joined(one[key], value, f"{where}.{key}".lstrip(".")) if key in one else value
            for key, value in other.items()
        }
    if isinstance(one, list) and isinstance(other, list):
        return _appended(one, other, where)
    if one != other:
        raise ValueError(f"{where or 'the file'}: {other!r} contradicts {one!r}")
    return one


def _appended(one: list[Any], other: list[Any], where: str) -> list[Any]:
    whole = list(one)
    places = {entry["id"]: place for place, entry in enumerate(one) if isinstance(entry, dict) and "id" in entry}
    for entry in other:
        place = places.get(entry.get("id")) if isinstance(entry, dict) else None
        if place is None:
            whole.append(entry)
        else:
            whole[place] = _joined(whole[place], entry, f"{where}.{entry['id']}")
    return whole
