"""`manage.py flows`: every mistake named, loading repeatable, the list complete."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from pytest_django import Settings

from triage import orchestrator
from triage.access import SYSTEM
from triage.models import FlowVersion
from triage.tests.loaded_flows import load_small_flow
from triage.tests.small_flow import SMALL, flow_data

pytestmark = pytest.mark.django_db


def flows(*words: str) -> str:
    output = io.StringIO()
    call_command("flows", *words, stdout=output)
    return output.getvalue()


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    """A folder of flows beside the catalogue."""
    settings.TRIAGE_FLOW_DIRS = [str(tmp_path)]
    return tmp_path


def write(folder: Path, **changes: Any) -> Path:
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump({**flow_data(), **changes}), encoding="utf-8")
    return path


def test_check_names_file_path_and_reason_of_every_mistake(tmp_path: Path) -> None:
    path = write(tmp_path, fallback_category="nowhere", order="first")
    output = io.StringIO()
    with pytest.raises(CommandError, match="mistake"):
        call_command("flows", "check", str(path), str(tmp_path / "absent.yaml"), stdout=output)
    lines = output.getvalue().splitlines()
    assert any(line.startswith(f"{path}: order: ") for line in lines)
    assert any(line.startswith(f"{tmp_path / 'absent.yaml'}: cannot be read") for line in lines)


def test_check_finds_nothing_wrong_with_what_is_delivered() -> None:
    assert "without a mistake" in flows("check")


def test_loading_twice_makes_one_version(folder: Path) -> None:
    write(folder)
    assert f"{SMALL.id} v1 is new" in flows("load")
    assert f"{SMALL.id} v1 was loaded before" in flows("load")


def test_a_changed_file_becomes_a_new_version(folder: Path) -> None:
    write(folder)
    flows("load")
    write(folder, currency="EUR")
    assert f"{SMALL.id} v2 is new" in flows("load")


def test_a_folders_flow_takes_the_place_of_one_with_the_same_id_each_time(folder: Path) -> None:
    write(folder)
    (folder / "zz.yaml").write_text(yaml.safe_dump({**flow_data(), "currency": "EUR"}), encoding="utf-8")
    flows("load")
    flows("load")
    assert list(FlowVersion.objects.filter(flow=SMALL.id).values_list("version", flat=True)) == [1]


def test_one_broken_file_keeps_all_others_from_being_loaded(folder: Path) -> None:
    (folder / "broken.yaml").write_text("id: broken")
    with pytest.raises(CommandError, match=r"broken\.yaml: title: is missing"):
        flows("load")
    assert not FlowVersion.objects.exists()


def test_the_list_shows_the_newest_version_and_counts_the_cases_of_all() -> None:
    load_small_flow()
    orchestrator.open_case(actor=SYSTEM, flow_id=SMALL.id)
    header, line = flows("list").splitlines()
    assert header.split() == ["flow", "version", "languages", "questions", "categories", "cases"]
    assert line.split() == [SMALL.id, "1", "pt-BR,", "en", "3", "3", "1"]
    (listed,) = json.loads(flows("list", "--json"))
    assert listed["questions"] == [question.id for question in SMALL.questions]


def test_an_empty_list_says_how_to_fill_it() -> None:
    assert "flows load" in flows("list")
