"""A flow in several files: `my-flow.yaml`, and what the folder `my-flow/` beside it adds.

Mappings are joined, lists appended; entries of two lists that carry the same `id` are one entry. What is said twice
must be the same. Utterances may also stand in text files, one a line: `my-flow/examples/work.en.txt`, in `held_out/`
and `danger/` the same way, `out_of_scope/en.txt`, `harmless/en.txt`. Empty lines, and those that begin with `# `, are
none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from triage.flows import strict_yaml

_LISTS = {"examples": 2, "held_out": 2, "danger": 2, "out_of_scope": 1, "harmless": 1}
_NAMES = {1: "language.txt", 2: "what.language.txt"}


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
    for listed, texts in _utterances(path.with_suffix("")):
        whole = _joined(whole, texts, where=listed)
    return whole


def _utterances(folder: Path) -> Iterator[tuple[str, Any]]:
    """Each text file's name in the folder, and its lines under what its name says they are."""
    for kind, parts in _LISTS.items():
        for file in sorted((folder / kind).glob("*.txt")):
            listed = f"{folder.name}/{kind}/{file.name}"
            names = file.stem.split(".")
            if len(names) != parts:
                raise ValueError(f"{listed}: is not named {_NAMES[parts]}")
            texts: Any = _lines(file, listed)
            for name in reversed([kind, *names]):
                texts = {name: texts}
            yield listed, texts


def _lines(file: Path, listed: str) -> list[str]:
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except UnicodeDecodeError as error:
        raise ValueError(f"{listed}: is not UTF-8") from error
    return [line for line in lines if line and not line.startswith("# ")]


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
