"""People are understood better: a subject in doubt is asked for; any of the flow's languages is read."""

from __future__ import annotations

from typing import Any

from triage.flows.schema import Flow
from triage.tests.small_flow import Interview, flow_with


def _asks_subject(data: dict[str, Any]) -> None:
    words = {"pt-BR": "Qual é o assunto?", "en": "What is it about?"}
    data["slots"].append({"id": "subject", "kind": "category", "title": words})
    question = {"id": "which_subject", "slot": "subject", "text": words, "reason": words, "weight": 9}
    data["questions"].append({**question, "when": {"category": ["other"]}})


FLOW: Flow = flow_with(_asks_subject)


def test_a_subject_in_doubt_is_asked_for_whatever_the_condition_of_its_question() -> None:
    interview = Interview(FLOW)
    interview.say("Caí na rua, e a roda range")  # nearly as much for wear as for a crash
    asked = [interview.state.current]
    while not interview.state.done:
        interview.say("Acidente" if interview.state.current == "which_subject" else "não sei")
        asked.append(interview.state.current)
    assert "which_subject" in asked
    assert interview.state.assessment is not None
    assert interview.state.assessment.category["id"] == "crash"


def test_a_clear_subject_is_not_asked_for() -> None:
    interview = Interview(FLOW)
    interview.say("Bati, foi um acidente na rua, caí")
    while not interview.state.done:
        assert interview.state.current != "which_subject"
        interview.say("não sei")


def test_an_answer_in_another_language_of_the_flow_is_read() -> None:
    interview = Interview(FLOW)
    interview.say("Bati na rua, foi um acidente")
    assert interview.state.current == "when_happened"
    interview.say("on March 3, 2026")
    assert interview.values["happened_on"] == "2026-03-03"
