"""Whatever people say, in whatever order, the interview ends and keeps its promises."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from triage.flows.interview.state import question_of
from triage.flows.schema import Flow
from triage.tests.small_flow import SMALL, Interview, wide_flow

FLOWS = [SMALL, wide_flow(12, least=4, most=7), wide_flow(6, least=0, most=2)]
PHRASES = [
    *("ontem", "em 3 de março", "R$ 2.000", "sim", "não", "oi", "", "...", "não sei", "voltar", "hmm pois"),
    *("Bati, estou sangrando", "A roda range", "perdi 1.200 reais em 3 de março", "go back", "elétrica"),
]
TEXTS = st.lists(st.sampled_from(PHRASES) | st.text(max_size=30), max_size=25)
MOST_MESSAGES = 200


def check(before: Interview, flow: Flow, text: str) -> None:
    asked, values = list(before.state.asked), before.state.slots
    made = before.say(text)
    asked_now = made.turn.next_question
    if asked_now is None or asked_now in asked:
        return
    assert question_of(flow, asked_now).slot not in made.state.slots
    assert made.state.assessment is not None
    assert len(made.state.asked) <= flow.complexity.limits[made.state.assessment.level].most
    assert made.state.asked == [*asked, asked_now], values


@given(flow=st.sampled_from(FLOWS), texts=TEXTS, last=st.sampled_from(PHRASES) | st.text(max_size=10))
def test_any_order_of_replies_ends_and_never_asks_too_much(flow: Flow, texts: list[str], last: str) -> None:
    interview = Interview(flow)
    for text in texts:
        if interview.state.done:
            return
        check(interview, flow, text)
    going_back = last in ("voltar", "go back", "back")
    while not interview.state.done and len(interview.steps) < MOST_MESSAGES:
        check(interview, flow, "não sei" if going_back else last)
    assert interview.state.done


@given(texts=TEXTS)
def test_a_question_is_repeated_only_when_it_was_missed_or_gone_back_to(texts: list[str]) -> None:
    interview = Interview()
    settled: set[str] = set()
    for text in texts:
        if interview.state.done:
            return
        made = interview.say(text)
        if made.turn.kind in ("answer", "skip"):
            settled |= {made.turn.question} if made.turn.question else set()
            assert made.turn.next_question not in settled
