"""Words that rules take for danger may sound harmless as they are said: nobody is alarmed, and a person looks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from triage import classifiers, learning
from triage.analysis.assess import assess
from triage.analysis.base import Evidence, Facts, Known, Sounding, Utterance
from triage.analysis.result import compose
from triage.analysis.semantic import danger
from triage.analysis.semantic.recalled import Recalled
from triage.analysis.strategies import Analysts, Verdict, analyse, stage_of
from triage.flows.loader import load_flow
from triage.models import FlowVersion
from triage.tests.small_flow import NOON, RULES, SMALL, flow_with
from triage.tests.test_danger_is_heard_by_its_meaning import CALM, HINT, with_hints

TOLD = "The brakes bled air. My son fainted in 2009 and is a doctor now."
FAINTED = (TOLD.index("My"), len(TOLD))


def facts(*soundings: Sounding, slots: dict[str, Known] | None = None, text: str = TOLD) -> Facts:
    return Facts(SMALL, "en", NOON, slots or {}, (Utterance("m1", text, soundings=soundings),))


def flags(asked: Facts) -> tuple[list[str], list[str]]:
    """Those that are raised, and those that are doubted."""
    finding = RULES.analyse(asked)
    return [one.id for one in finding.red_flags], [one.id for one in finding.doubted]


def test_words_alarm_where_nobody_knows_how_they_sound() -> None:
    assert flags(facts()) == (["injury"], [])


def test_what_sounds_harmless_is_doubted() -> None:
    assert flags(facts(Sounding(None, *FAINTED))) == ([], ["injury"])


def test_words_elsewhere_alarm_all_the_same() -> None:
    assert flags(facts(Sounding(None, 0, FAINTED[0]))) == (["injury"], [])
    both = facts(Sounding(None, *FAINTED), text=f"{TOLD} She is bleeding!")
    assert flags(both) == (["injury"], [])


def test_what_sounds_dangerous_elsewhere_alarms() -> None:
    assert flags(facts(Sounding(None, *FAINTED), Sounding("injury", 0, FAINTED[0]))) == (["injury"], [])


def test_what_a_question_was_answered_is_never_doubted() -> None:
    answered = {"hurt": Known(True, Evidence("m2", 0, 3, "yes", "answer:hurt"))}
    assert flags(facts(Sounding(None, *FAINTED), slots=answered)) == (["injury"], [])


def verdict_of(asked: Facts) -> Verdict:
    own = RULES.analyse(asked)
    return analyse(asked, Analysts(RULES), "failover", own, stage_of(own, 0.0))


def test_a_person_looks_at_what_was_doubted() -> None:
    asked = facts(Sounding(None, *FAINTED))
    verdict = verdict_of(asked)
    result = compose(asked, verdict, assess(asked, verdict.finding))
    assert result["red_flags"] == []
    assert result["review"]["needed"]
    assert "danger_doubted" in result["review"]["reasons"]
    assert not result["review"]["act"]


def test_nothing_is_doubted_once_anybody_raises_it() -> None:
    asked = facts(Sounding(None, *FAINTED))
    raising = replace(RULES.analyse(facts()), analyzer="model")

    class Model:
        name = "model"

        def analyse(self, _: Facts) -> Any:
            return raising

    own = RULES.analyse(asked)
    finding = analyse(asked, Analysts(RULES, None, (Model(),)), "failover", own, stage_of(own, 0.0)).finding
    assert ([one.id for one in finding.red_flags], finding.doubted) == (["injury"], ())


@pytest.fixture
def learnt(transactional_db: None) -> Recalled:
    version: FlowVersion = load_flow(flow_with(with_hints))[0]
    assert learning.train(*learning.lacking()[0])
    found = classifiers.recalled_of(version.pk, classifiers.About.DANGER)
    assert found is not None
    return found


def test_sentences_that_are_surely_harmless_are_told_apart(learnt: Recalled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(danger, "EXPERIENCED", len(CALM))
    monkeypatch.setattr(danger, "CALM", 0.5)  # of so few examples none makes anybody surer
    said = f"The light does not go out. {CALM[0]}. {CALM[1]}. {HINT}."
    heard = [(one.flag, said[one.start : one.end]) for one in danger.heard(learnt, Utterance("m1", said))]
    assert ("injury", f"{HINT}.") in heard
    assert (None, f"{CALM[0]}.") in heard
    assert (None, f"{HINT}.") not in heard


def test_of_few_examples_nothing_is_called_harmless(learnt: Recalled) -> None:
    assert [one for one in danger.heard(learnt, Utterance("m1", CALM[0])) if one.flag is None] == []
