from __future__ import annotations

import pytest

from triage.tests.small_flow import SMALL, Interview, reply_in


@pytest.mark.parametrize(("text", "kind"), [("obrigada!", "off_topic"), ("", "empty"), ("?!", "empty")])
def test_a_reply_that_says_nothing_meets_the_same_question_twice_and_then_the_next(text: str, kind: str) -> None:
    interview = Interview()
    interview.say("Bati na rua")
    for _ in range(2):
        reply = interview.say(text)
        assert (reply.turn.kind, reply.turn.next_question) == (kind, "when_happened")
        assert reply_in(reply).text.startswith(getattr(SMALL.phrases, kind)["pt-BR"])
    given_up = interview.say(text)
    assert (given_up.turn.kind, given_up.turn.next_question) == ("skip", "how_much")


def test_misses_of_different_kinds_are_counted_together() -> None:
    interview = Interview()
    interview.say("Bati na rua")
    interview.say("oi")
    interview.say("nem imagino")
    assert interview.say("").turn.next_question == "how_much"


def test_a_usable_reply_forgives_the_misses() -> None:
    interview = Interview()
    interview.say("Bati na rua")
    interview.say("oi")
    interview.say("ontem")
    assert interview.state.current == "how_much"
    assert interview.say("oi").turn.next_question == "how_much"
    assert interview.say("oi").turn.next_question == "how_much"
