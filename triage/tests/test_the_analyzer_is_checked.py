"""An analyzer that cannot hold an interview is said before anybody talks to it."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from triage.analysis.checks import check_analyzer
from triage.analysis.semantic.analyzer import SemanticAnalyzer


def test_the_one_of_the_settings_can() -> None:
    assert check_analyzer() == []


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("nowhere.Analyzer", "No module named 'nowhere'"),
        (f"{SemanticAnalyzer.__module__}.{SemanticAnalyzer.__name__}", "SemanticAnalyzer has no alarms."),
    ],
)
def test_what_is_wrong_with_another_is_said(settings: Settings, path: str, why: str) -> None:
    settings.TRIAGE_ANALYZER = path
    (found,) = check_analyzer()
    assert why in found.msg
