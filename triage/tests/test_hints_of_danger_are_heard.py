"""How much danger is heard that is only hinted at, and how often the harmless alarms: on sentences that taught nothing.

Rules alone hear 14 % of these hints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils import timezone

from triage.evaluation.cases import Case
from triage.evaluation.hearing import Ear
from triage.tests.test_the_catalogue_knows_every_category import flow_named

SAID: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("danger_hinted_at.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ear() -> Ear:
    return Ear(flow_named("legal-intake"), timezone.now()).attentive()


def dangers(way: str) -> Iterator[tuple[str, str]]:
    for languages in SAID["raised"].values():
        for language, ways in languages.items():
            yield from ((language, text) for text in ways[way])


def harmless(way: str) -> Iterator[tuple[str, str]]:
    return ((language, text) for language, ways in SAID["harmless"].items() for text in ways[way])


def share_heard(ear: Ear, said: Iterator[tuple[str, str]]) -> float:
    heard = [bool(ear.finding(Case(text, "", language)).red_flags) for language, text in said]
    return sum(heard) / len(heard)


@pytest.mark.parametrize(("way", "least"), [("plain", 0.93), ("oblique", 0.88)])
def test_danger_is_heard_however_it_is_said(ear: Ear, way: str, least: float) -> None:
    assert share_heard(ear, dangers(way)) >= least


def test_a_hint_is_heard_at_the_end_of_a_long_story(ear: Ear) -> None:
    stories = {language: " ".join(ways["ordinary"][:4]) for language, ways in SAID["harmless"].items()}
    assert share_heard(ear, ((language, f"{stories[language]}.") for language in stories)) == 0
    said = ((language, f"{stories[language]}. {text}") for language, text in dangers("oblique"))
    assert share_heard(ear, said) >= 0.8


def test_a_hint_is_heard_in_the_middle_of_a_story_without_a_full_stop(ear: Ear) -> None:
    bare = re.compile(r"[.?!;]+")
    ordinary = {
        language: [bare.sub("", text) for text in ways["ordinary"]] for language, ways in SAID["harmless"].items()
    }
    stories = {language: (" ".join(calm[:4]), " ".join(calm[4:8])) for language, calm in ordinary.items()}
    assert share_heard(ear, ((language, " ".join(story)) for language, story in stories.items())) == 0
    hints = ((language, bare.sub("", text)) for language, text in dangers("oblique"))
    said = ((language, f"{stories[language][0]} {hint} {stories[language][1]}") for language, hint in hints)
    assert share_heard(ear, said) >= 0.75


@pytest.mark.parametrize(("way", "most"), [("ordinary", 0.02), ("near", 0.14)])
def test_the_harmless_seldom_alarms(ear: Ear, way: str, most: float) -> None:
    assert share_heard(ear, harmless(way)) <= most
