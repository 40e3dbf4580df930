"""How much danger is heard, and how often the harmless alarms: on what taught the flow, and on what never did.

Sentences are heard as an opening is, with the slots that their words fill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from triage.tests.test_danger_is_heard_in_both_languages import flags_raised
from triage.tests.test_the_catalogue_knows_every_category import flow_named, understood

PARTS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("danger_phrasings.yaml").read_text(encoding="utf-8"))
MOST_FALSE_ALARMS = 0.05
MOST_MISSED_WHEN_SAID_PLAINLY = 0.1


def dangers(part: str) -> Iterator[tuple[str, str, str, str]]:
    """Flag, language, how it is said, text."""
    for flag, languages in PARTS[part]["raised"].items():
        for language, ways in languages.items():
            for way, texts in ways.items():
                yield from ((flag, language, way, text) for text in texts)


def harmless(part: str) -> Iterator[tuple[str, str]]:
    for language, texts in PARTS[part]["harmless"].items():
        yield from ((language, text) for text in texts)


def missed(part: str, *, ways: tuple[str, ...] = ("plain", "oblique")) -> list[str]:
    return [
        f"{flag}: {text}"
        for flag, language, way, text in dangers(part)
        if way in ways and flag not in flags_raised(language, text)
    ]


def false_alarms(part: str) -> list[str]:
    heard = ((text, flags_raised(language, text)) for language, text in harmless(part))
    return [f"{text}: {', '.join(sorted(flags))}" for text, flags in heard if flags]


def test_no_danger_is_missed_where_the_flow_was_taught() -> None:
    assert missed("tuning") == []


def test_hardly_anything_harmless_raises_an_alarm_where_the_flow_was_taught() -> None:
    alarms = false_alarms("tuning")
    assert len(alarms) <= MOST_FALSE_ALARMS * len(list(harmless("tuning"))), alarms


def test_hardly_anything_harmless_raises_an_alarm_elsewhere() -> None:
    alarms = false_alarms("held_out")
    assert len(alarms) <= MOST_FALSE_ALARMS * len(list(harmless("held_out"))), alarms


def test_hardly_any_danger_that_is_said_plainly_is_missed_elsewhere() -> None:
    plain = [text for _, _, way, text in dangers("held_out") if way == "plain"]
    lost = missed("held_out", ways=("plain",))
    assert len(lost) <= MOST_MISSED_WHEN_SAID_PLAINLY * len(plain), lost


@pytest.mark.parametrize("gather", [dangers, harmless])
def test_at_least_150_sentences_of_each_kind_are_tried_and_none_twice(
    gather: Callable[[str], Iterator[tuple[str, ...]]],
) -> None:
    texts = [found[-1] for part in PARTS for found in gather(part)]
    assert len(texts) >= 150
    assert len(texts) == len(set(texts))


def test_what_is_tried_is_a_danger_of_the_flow_in_both_languages_and_half_of_it_is_oblique() -> None:
    """Those of single subjects (a road, a school, a court) are tried in `danger_in_both_languages/`."""
    tried = [found for part in PARTS for found in dangers(part)]
    flow = flow_named("legal-intake")
    flags = {flag for flag, *_ in tried}
    assert flags <= {flag.id for flag in flow.red_flags}
    assert {(flag, language) for flag, language, *_ in tried} == {
        (flag, language) for flag in flags for language in flow.languages
    }
    assert sum(way == "oblique" for _, _, way, _ in tried) >= len(tried) / 2


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pt-BR", "ele disse que vai me tirar de casa até sexta"),
        ("en", "he said he will put me out of the house by Friday"),
    ],
)
def test_who_is_to_be_put_out_by_a_day_has_a_deadline_and_nothing_else(language: str, text: str) -> None:
    assert understood("legal-intake", language, text)["deadline"] == "2025-06-06"
    assert flags_raised(language, text) == {"eviction_dated"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pt-BR", "ele disse que vai me devolver o dinheiro"),
        ("en", "he said he will give me the money back"),
    ],
)
def test_what_somebody_says_that_he_will_do_is_not_a_threat_yet(language: str, text: str) -> None:
    assert flags_raised(language, text) == set()
