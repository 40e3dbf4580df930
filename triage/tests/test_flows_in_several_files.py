"""A flow may lie in a folder beside its file; its parts are joined, and contradict each other nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from triage.errors import FlowInvalid
from triage.flows.loader import read_flow
from triage.tests.small_flow import flow_data


def written(folder: Path, **parts: object) -> Path:
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(flow_data()), encoding="utf-8")
    (folder / "small").mkdir()
    for name, part in parts.items():
        (folder / "small" / f"{name}.yaml").write_text(yaml.safe_dump(part), encoding="utf-8")
    return path


def problems_of(path: Path) -> list[str]:
    with pytest.raises(FlowInvalid) as refused:
        read_flow(path)
    return [problem.removeprefix(f"{path}: ") for problem in refused.value.problems]


def test_a_part_adds_entries_and_completes_those_that_are_there(tmp_path: Path) -> None:
    first = flow_data()["categories"][0]["id"]
    document = {"title": {"en": "A letter", "pt-BR": "Uma carta"}}
    path = written(tmp_path, more={"categories": [{"id": first, "documents": [document]}]})

    category = read_flow(path).categories[0]

    assert category.id == first
    assert category.documents[-1].title == document["title"]


def test_examples_may_lie_in_a_part(tmp_path: Path) -> None:
    first = flow_data()["categories"][0]["id"]
    path = written(tmp_path, examples={"examples": {first: {"en": ["It broke", "It is broken"]}}})
    assert read_flow(path).examples == {first: {"en": ["It broke", "It is broken"]}}


def test_utterances_may_lie_in_text_files_one_a_line(tmp_path: Path) -> None:
    first = flow_data()["categories"][0]["id"]
    path = written(tmp_path, more={"examples": {first: {"en": ["It smokes"]}}})
    listed(path, f"examples/{first}.en.txt", "# what people say\nIt broke\n\n  #1 screen: it is broken\n")
    listed(path, f"held_out/{first}.pt-BR.txt", "Quebrou")
    listed(path, "out_of_scope/en.txt", "A recipe for cake, please")

    flow = read_flow(path)

    assert flow.examples == {first: {"en": ["It smokes", "It broke", "#1 screen: it is broken"]}}
    assert flow.held_out == {first: {"pt-BR": ["Quebrou"]}}
    assert flow.out_of_scope == {"en": ["A recipe for cake, please"]}


def test_a_text_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    path = written(tmp_path)
    file = listed(path, "examples/work.txt", "It broke")
    assert problems_of(path) == ["small/examples/work.txt: is not named what.language.txt"]
    file.rename(file.with_name("work.en.txt")).write_bytes(b"caf\xe9")
    assert problems_of(path) == ["small/examples/work.en.txt: is not UTF-8"]


def listed(path: Path, name: str, text: str) -> Path:
    file = path.with_suffix("") / name
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_what_contradicts_the_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, other={"fallback_category": "elsewhere"})
    (problem,) = problems_of(path)
    assert problem.startswith("small/other.yaml: fallback_category: 'elsewhere' contradicts ")


def test_an_example_of_no_category_and_one_that_is_held_out_too_are_refused(tmp_path: Path) -> None:
    first = flow_data()["categories"][0]["id"]
    path = written(
        tmp_path,
        examples={
            "examples": {"nowhere": {"en": ["Hello"]}, first: {"en": ["It broke"]}},
            "held_out": {first: {"en": ["it  BROKE"]}},
        },
    )
    assert problems_of(path) == [
        "examples.nowhere: there is no category nowhere",
        f"held_out.{first}: 'it  BROKE' is in examples.{first} already",
    ]
