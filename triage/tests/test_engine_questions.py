from __future__ import annotations

from triage.tests.small_flow import SMALL, Interview, reply_in


def test_each_question_comes_with_its_reason() -> None:
    interview = Interview()
    made = interview.say("Bati na rua")
    reasons = {question.id: question.reason["pt-BR"] for question in SMALL.questions}
    seen = {}
    while not made.done:
        question = reply_in(made).question
        assert question is not None
        seen[question["id"]] = question["reason"]
        made = interview.say("pular")
    assert seen == reasons


def test_a_question_tells_what_a_client_needs_to_ask_it() -> None:
    question = reply_in(Interview(language="en").say("I had a crash")).question
    assert question == {
        "id": "when_happened",
        "kind": "date",
        "text": "When did it happen?",
        "reason": "The guarantee depends on the date.",
        "hint": "For example: 3 March.",
        "choices": [],
        "number": 1,
        "most": 3,
    }


def test_one_question_is_asked_at_a_time() -> None:
    made = Interview().say("Bati na rua")
    assert sum(question.text["pt-BR"] in reply_in(made).text for question in SMALL.questions) == 1
