from __future__ import annotations

from triage.tests.small_flow import Interview, reply_in

ADVICE = "Procure um médico agora.\n192 – SAMU"


def test_advice_comes_before_anything_else() -> None:
    interview = Interview()
    reply = reply_in(interview.say("Caí e estou sangrando"))
    assert reply.text == f"{ADVICE}\n\nQuando aconteceu?"
    assert interview.state.assessment is not None
    assert interview.state.assessment.urgency["level"] == "critical"
    assert interview.state.assessment.urgency["hours"] == 2


def test_advice_is_given_once() -> None:
    interview = Interview()
    interview.say("Caí e estou sangrando")
    assert ADVICE not in reply_in(interview.say("ontem")).text


def test_advice_is_given_in_the_cases_language() -> None:
    reply = reply_in(Interview(language="en").say("I fell and fainted"))
    assert reply.text.startswith("See a doctor now.\n192 – Ambulance")


def test_an_answer_raises_a_flag_too_even_the_last_one() -> None:
    interview = Interview()
    interview.say("Bati ontem, perdi R$ 300")
    last = interview.say("sim")
    assert last.done
    assert reply_in(last).text.startswith(ADVICE)


def test_a_denied_danger_is_none() -> None:
    interview = Interview()
    interview.say("Caí mas não desmaiei")
    assert interview.state.assessment is not None
    assert interview.state.assessment.red_flags == []


def test_danger_is_heard_in_words_added_after_the_end() -> None:
    interview = Interview()
    interview.say("O freio gasto da elétrica range, foi em 1 de março, R$ 300")
    assert interview.state.done
    assert reply_in(interview.say("agora estou sangrando", extra=True)).text.startswith(ADVICE)
