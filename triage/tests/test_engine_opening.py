from __future__ import annotations

from triage.events import AssessmentUpdated
from triage.tests.small_flow import SMALL, Interview, only, reply_in

PHRASES = SMALL.phrases


def test_what_the_opening_tells_is_not_asked() -> None:
    interview = Interview()
    told = interview.say("Bati a bicicleta em 3 de março e perdi R$ 2.000")
    assert interview.values == {"happened_on": "2026-03-03", "damage": {"amount": "2000.00", "currency": "BRL"}}
    assert told.turn.kind == "answer"
    assert told.turn.question is None
    assert told.turn.next_question == "anybody_hurt"


def test_evidence_points_into_the_message() -> None:
    interview = Interview()
    interview.say("Bati a bicicleta em 3 de março")
    evidence = interview.state.slots["happened_on"].evidence
    text = interview.state.turns[0].text
    assert evidence.message_id == "m1"
    assert evidence.text == text[evidence.start : evidence.end]
    assert "3 de março" in evidence.text


def test_a_greeting_is_returned_and_the_case_asked_for_again() -> None:
    interview = Interview()
    greeted = interview.say("Oi, bom dia!")
    assert (greeted.turn.kind, greeted.turn.next_question, greeted.done) == ("off_topic", None, False)
    assert reply_in(greeted).question is None
    assert reply_in(greeted).text == f"{PHRASES.off_topic['pt-BR']}\n\n{PHRASES.opening['pt-BR']}"
    assert only(greeted, AssessmentUpdated) == []
    assert interview.state.asked == []


def test_an_empty_message_is_no_opening() -> None:
    made = Interview().say(" ... ")
    assert (made.turn.kind, made.turn.next_question, made.done) == ("empty", None, False)
    assert reply_in(made).text.startswith(PHRASES.empty["pt-BR"])


def test_somebody_who_only_greets_is_asked_in_the_end() -> None:
    interview = Interview()
    for _ in range(2):
        assert interview.say("oi").turn.next_question is None
    assert interview.say("oi").turn.next_question == "when_happened"


def test_who_does_not_know_how_to_begin_is_asked() -> None:
    assert Interview().say("não sei").turn.next_question == "when_happened"


def test_going_back_before_anything_was_asked_stays_at_the_opening() -> None:
    made = Interview().say("voltar")
    assert (made.turn.kind, made.turn.next_question, made.done) == ("back", None, False)
    assert PHRASES.nothing_to_go_back_to["pt-BR"] in reply_in(made).text
    assert PHRASES.opening["pt-BR"] in reply_in(made).text


def test_the_case_is_understood_in_the_flows_other_language() -> None:
    interview = Interview(language="pt-BR")
    interview.say("I had a crash")
    assert interview.state.assessment is not None
    assert interview.state.assessment.category["id"] == "crash"
    assert interview.state.assessment.category["title"] == "Acidente"
