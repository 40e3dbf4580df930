from __future__ import annotations

from typing import Any

import pytest

from triage.tests.small_flow import Interview, flow_with, reply_in


@pytest.mark.parametrize("words", ["não sei", "Não sei.", "pular", "skip", "I don’t know"])
def test_a_question_can_be_skipped_and_is_not_asked_again(words: str) -> None:
    interview = Interview()
    interview.say("Bati na rua")
    skipped = interview.say(words)
    assert (skipped.turn.kind, skipped.turn.readings) == ("skip", ())
    while not interview.state.done:
        assert interview.state.current != "when_happened"
        interview.say("pular")


def test_skipping_a_yes_or_no_question_is_no_no() -> None:
    interview = Interview()
    interview.say("Bati ontem, perdi R$ 300")
    assert interview.state.current == "anybody_hurt"
    interview.say("não sei")
    assert "hurt" not in interview.values


def test_a_choice_worded_like_a_skip_is_an_answer() -> None:
    def ask_brand(data: dict[str, Any]) -> None:
        title = {"pt-BR": "Marca", "en": "Brand"}
        unknown = {"id": "unknown", "title": {"pt-BR": "Não sei", "en": "I don't know"}}
        mine = {"id": "own", "title": {"pt-BR": "Própria", "en": "My own"}}
        data["slots"].append({"id": "brand", "title": title, "kind": "choice", "choices": [unknown, mine]})
        data["questions"] = [{"id": "brand", "slot": "brand", "text": title, "reason": title, "essential": True}]
        data["red_flags"], data["categories"][0]["documents"] = [], []

    interview = Interview(flow_with(ask_brand))
    interview.say("Bati na rua")
    assert interview.say("não sei").turn.kind == "answer"
    assert interview.values["brand"] == "unknown"


def test_who_does_not_know_and_tells_something_else_has_skipped_and_is_heard() -> None:
    interview = Interview()
    interview.say("O freio gasto range")
    made = interview.say("Não sei. Perdi R$ 3.000 com isso.")
    assert made.turn.kind == "skip"
    assert interview.values["damage"]["amount"] == "3000.00"
    assert interview.state.current != "when_happened"
    assert reply_in(made).text.startswith(interview.state.flow.phrases.noted["pt-BR"])


def test_who_only_hesitates_is_asked_again() -> None:
    interview = Interview()
    interview.say("Bati ontem, perdi R$ 300")
    assert interview.say("Não sei... sim, quer dizer...").turn.kind == "unclear"
