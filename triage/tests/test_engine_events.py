from __future__ import annotations

from triage.events import AssessmentUpdated, ComplexityUpdate, MessageAdded, TriageUpdate
from triage.tests.small_flow import SMALL, Interview, only, reply_in


def test_the_events_of_an_answer_come_in_the_order_of_reading() -> None:
    made = Interview().say("Bati na rua")
    kinds = [type(event) for event in made.events]
    assert kinds == [MessageAdded, AssessmentUpdated, ComplexityUpdate, MessageAdded, TriageUpdate]
    client, reply = only(made, MessageAdded)
    assert (client.role, client.text, client.message_id, client.question) == ("client", "Bati na rua", "m1", None)
    assert (reply.role, reply.message_id) == ("interviewer", "r1")


def test_the_clients_message_names_the_question_it_answers() -> None:
    interview = Interview()
    interview.say("Bati na rua")
    assert only(interview.say("ontem"), MessageAdded)[0].question == {"id": "when_happened"}


def test_complexity_is_told_only_when_it_moves_and_from_where() -> None:
    interview = Interview()
    first = only(interview.say("Bati na rua"), ComplexityUpdate)
    assert [event.previous for event in first] == [None]
    assert only(interview.say("hmm pois"), ComplexityUpdate) == []
    moved = only(interview.say("ontem"), ComplexityUpdate)
    assert [event.previous for event in moved] == [{"level": first[0].level, "confidence": first[0].confidence}]
    assert moved[0].confidence > first[0].confidence


def test_the_assessment_is_told_after_each_answer_with_evidence() -> None:
    interview = Interview()
    interview.say("Bati na rua")
    (told,) = only(interview.say("ontem"), AssessmentUpdated)
    assert told.category["id"] == "crash"
    assert told.category["evidence"][0]["text"] == "Bati"
    assert [item["slot"] for item in told.understood] == ["happened_on"]
    assert told.understood[0]["evidence"]["source"] == "answer:when_happened"
    assert told.missing == ["damage", "hurt"]


def test_progress_grows_to_the_half_and_never_falls() -> None:
    interview = Interview()
    seen = [only(interview.say(text), TriageUpdate)[0].progress for text in ("oi", "Bati", "ontem", "R$ 9.000", "não")]
    assert seen[0] == 0
    assert seen[-1] == 50
    assert seen == sorted(set(seen))


def test_the_last_word_is_the_closing_phrase() -> None:
    interview = Interview()
    interview.say("O freio gasto range, foi em 1 de março")
    made = interview.say("R$ 20")
    assert made.done
    assert reply_in(made).question is None
    assert reply_in(made).text == SMALL.phrases.closing["pt-BR"]
