from __future__ import annotations

from triage.tests.small_flow import SMALL, Interview, reply_in


def talked() -> Interview:
    """Two questions answered, the third is open."""
    interview = Interview()
    interview.say("Bati na rua")
    interview.say("ontem")
    interview.say("R$ 2.000")
    assert interview.state.current == "anybody_hurt"
    return interview


def test_the_question_before_is_asked_again() -> None:
    interview = talked()
    back = interview.say("voltar")
    assert (back.turn.kind, back.turn.question, back.turn.next_question) == ("back", "anybody_hurt", "how_much")
    assert reply_in(back).text.startswith(SMALL.phrases.going_back["pt-BR"])
    question = reply_in(back).question
    assert question is not None
    assert question["number"] == 2


def test_the_new_answer_replaces_the_old_and_the_interview_goes_on_where_it_was() -> None:
    interview = talked()
    interview.say("voltar")
    again = interview.say("R$ 300")
    assert interview.values["damage"]["amount"] == "300.00"
    assert again.turn.next_question == "anybody_hurt"
    assert interview.state.asked == ["when_happened", "how_much", "anybody_hurt"]


def test_going_back_twice_goes_back_two_questions() -> None:
    interview = talked()
    interview.say("voltar")
    assert interview.say("go back").turn.next_question == "when_happened"


def test_a_skipped_question_can_be_gone_back_to() -> None:
    interview = Interview()
    interview.say("Bati na rua")
    interview.say("não sei")
    assert interview.say("voltar").turn.next_question == "when_happened"
    interview.say("ontem")
    assert interview.values["happened_on"] == "2026-03-09"


def test_with_nothing_to_go_back_to_the_question_is_repeated() -> None:
    interview = Interview()
    interview.say("Bati na rua")
    back = interview.say("voltar")
    assert back.turn.next_question == "when_happened"
    assert reply_in(back).text.startswith(SMALL.phrases.nothing_to_go_back_to["pt-BR"])


def test_the_words_taken_back_say_nothing_any_more() -> None:
    interview = Interview()
    interview.say("A roda range")
    interview.say("ontem, numa batida, e desmaiei")
    assert interview.state.assessment is not None
    assert interview.state.assessment.red_flags
    interview.say("voltar")
    interview.say("ontem")
    assert interview.state.assessment.red_flags == []
    assert interview.state.assessment.category["id"] == "wear"
