"""A second `id:` in a flow file is a mistake to report, not a value that silently wins."""

from __future__ import annotations

import pytest
import yaml

from triage.errors import FlowInvalid
from triage.flows.checks import parse_flow
from triage.flows.strict_yaml import load


def test_a_key_that_stands_twice_is_reported_with_its_line() -> None:
    with pytest.raises(ValueError, match=r"^line 3: key 'id' twice$"):
        load("id: one\ntitle: x\nid: two\n")


def test_a_key_that_stands_twice_further_down_is_reported_too() -> None:
    with pytest.raises(ValueError, match=r"^line 3: key 'en' twice$"):
        load("slots:\n  - id: a\n    title: {en: a, en: b}\n")


def test_the_same_key_in_two_mappings_is_no_mistake() -> None:
    assert load("slots: [{id: a}, {id: b}]") == {"slots": [{"id": "a"}, {"id": "b"}]}


def test_anchors_and_merges_still_work() -> None:
    assert load("a: &a {x: 1, y: 1}\nb:\n  <<: *a\n  x: 2\n") == {"a": {"x": 1, "y": 1}, "b": {"x": 2, "y": 1}}


def test_what_is_no_yaml_stays_a_yaml_error() -> None:
    with pytest.raises(yaml.YAMLError):
        load("a: [")


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n"])
def test_an_empty_file_is_called_empty(text: str) -> None:
    with pytest.raises(FlowInvalid) as refused:
        parse_flow(load(text))
    assert refused.value.problems == ["flow: is empty"]
