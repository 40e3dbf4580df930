"""Documentation that is tested: events, settings and error codes are described, and named files exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from triage import errors
from triage.errors import TriageError
from triage.events import CATALOGUE

ROOT: Path = settings.BASE_DIR
DOCUMENTS = ["README.md", "README.pt-BR.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]


def test_every_event_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [name for name in CATALOGUE if f"`{name}`" not in readme] == []


def test_every_setting_is_in_the_example_environment() -> None:
    source = (ROOT / "triage_project" / "settings.py").read_text()
    names = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', source))
    example = (ROOT / ".env.example").read_text()
    assert sorted(name for name in names if not re.search(rf"^#? ?{name}=", example, re.MULTILINE)) == []


def test_every_error_is_in_the_tree_with_its_code_and_status() -> None:
    tree = errors.__doc__ or ""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, TriageError)]
    for kind in kinds:
        if kind is not TriageError:
            assert re.search(rf"{kind.__name__} +{kind.code} +{kind.status}\b", tree), kind.__name__


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_is_named_exists(document: str) -> None:
    text = (ROOT / document).read_text()
    named = re.findall(r"`((?:triage|conversations|triage_project|benchmarks)/[\w/.-]+)`", text)
    linked = re.findall(r"\]\(([\w/.-]+)\)", text)
    assert [name for name in [*named, *linked] if not (ROOT / name).exists()] == []
