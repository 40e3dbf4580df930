from __future__ import annotations

from triage.tests.small_flow import SMALL, Interview, reply_in


def asked_when() -> Interview:
    interview = Interview()
    interview.say("Bati na rua")
    assert interview.state.current == "when_happened"
    return interview


def test_an_unreadable_reply_is_asked_for_again_with_a_hint() -> None:
    interview = asked_when()
    unclear = interview.say("faz um bom tempo")
    assert (unclear.turn.kind, unclear.turn.next_question) == ("unclear", "when_happened")
    parts = reply_in(unclear).text.split("\n\n")
    assert parts == [SMALL.phrases.unclear["pt-BR"], "Por exemplo: 3 de março.", "Quando aconteceu?"]


def test_a_second_unreadable_reply_is_noted_and_the_interview_goes_on() -> None:
    interview = asked_when()
    interview.say("faz um bom tempo")
    noted = interview.say("depois da batida")
    assert (noted.turn.kind, noted.turn.next_question) == ("skip", "how_much")
    assert reply_in(noted).text.startswith(SMALL.phrases.noted["pt-BR"])
    assert "m3" in {utterance.message_id for utterance in interview.state.facts(noted.turn.at).utterances}


def test_a_reply_that_fills_another_slot_keeps_it() -> None:
    interview = asked_when()
    reply = interview.say("o prejuízo foi de R$ 500")
    assert reply.turn.kind == "unclear"
    assert interview.values == {"damage": {"amount": "500.00", "currency": "BRL"}}
    assert interview.say("ontem").turn.next_question == "anybody_hurt"


def test_danger_is_heard_in_an_unreadable_reply() -> None:
    interview = asked_when()
    reply = interview.say("pouco antes de eu começar a sangrar")
    assert reply.turn.kind == "unclear"
    assert reply_in(reply).text.startswith("Procure um médico agora.")
