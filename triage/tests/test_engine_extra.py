from __future__ import annotations

from triage.events import AssessmentUpdated, ComplexityUpdate, MessageAdded, TriageUpdate
from triage.tests.small_flow import SMALL, Interview, only, reply_in


def ended() -> Interview:
    interview = Interview()
    interview.say("O freio gasto range, foi em 1 de março")
    interview.say("pular")
    assert interview.state.done
    return interview


def test_words_added_after_the_end_are_noted_and_analysed() -> None:
    interview = ended()
    made = interview.say("ah, e ela é elétrica, o conserto custa R$ 3.000", extra=True)
    assert made.turn.kind == "extra"
    assert made.done
    assert interview.values["damage"]["amount"] == "3000.00"
    assert interview.state.assessment is not None
    assert interview.state.assessment.level == "high"
    kinds = [type(event) for event in made.events]
    assert kinds == [MessageAdded, AssessmentUpdated, ComplexityUpdate, MessageAdded]
    assert (reply_in(made).text, reply_in(made).question) == (SMALL.phrases.noted["pt-BR"], None)


def test_words_after_the_end_are_extra_even_when_nobody_says_so() -> None:
    made = ended().say("voltar")
    assert made.turn.kind == "extra"
    assert only(made, TriageUpdate) == []


def test_words_added_to_an_interview_that_was_ended_early_ask_nothing() -> None:
    interview = Interview()
    interview.say("Bati na rua")
    made = interview.say("foi ontem", extra=True)
    assert made.done
    assert interview.state.current is None
