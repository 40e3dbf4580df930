from __future__ import annotations

from triage.tests.small_flow import SMALL, Interview, reply_in


def talked() -> Interview:
    interview = Interview()
    interview.say("Bati na rua")
    interview.say("ontem")
    assert interview.state.current == "how_much"
    return interview


def test_a_correction_replaces_the_answer_and_repeats_the_open_question() -> None:
    interview = talked()
    corrected = interview.say("em 1 de março", question="when_happened")
    assert interview.values["happened_on"] == "2026-03-01"
    assert (corrected.turn.kind, corrected.turn.question) == ("answer", "when_happened")
    assert interview.state.current == "how_much"
    assert reply_in(corrected).text.startswith(SMALL.phrases.corrected["pt-BR"])


def test_the_corrected_words_are_no_longer_heard() -> None:
    interview = talked()
    interview.say("ontem, e desmaiei", question="when_happened")
    interview.say("ontem", question="when_happened")
    assert interview.state.assessment is not None
    assert interview.state.assessment.red_flags == []


def test_what_else_the_old_answer_had_told_is_told_anew() -> None:
    interview = Interview()
    interview.say("Bati na rua")
    interview.say("ontem, perdi R$ 500")
    interview.say("anteontem, perdi R$ 600", question="when_happened")
    assert interview.values["damage"]["amount"] == "600.00"


def test_what_the_opening_had_told_can_be_corrected() -> None:
    interview = Interview()
    interview.say("Bati em 3 de março")
    assert interview.state.current == "how_much"
    interview.say("em 5 de março", question="when_happened")
    assert interview.values["happened_on"] == "2026-03-05"
    assert interview.state.current == "how_much"


def test_a_correction_can_withdraw_an_answer() -> None:
    interview = talked()
    interview.say("não sei", question="when_happened")
    assert "happened_on" not in interview.values
    assert interview.state.current == "how_much"


def test_an_unreadable_correction_leaves_the_answer_and_asks_for_it_again() -> None:
    interview = talked()
    unclear = interview.say("hmm pois", question="when_happened")
    assert unclear.turn.next_question == "when_happened"
    assert interview.values["happened_on"] == "2026-03-09"
    assert interview.say("em 1 de março").turn.next_question == "how_much"


def test_a_correction_after_the_end_asks_nothing_more() -> None:
    interview = talked()
    interview.say("R$ 300")
    assert interview.say("não").done
    corrected = interview.say("R$ 4.000", question="how_much")
    assert corrected.done
    assert reply_in(corrected).question is None
    assert interview.values["damage"]["amount"] == "4000.00"
