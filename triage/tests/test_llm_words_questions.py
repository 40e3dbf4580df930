"""With a model the next question comes in its words, unless they are late or do not ask it; followers hear them."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from pytest_django.fixtures import Settings

from conversations.models import Message
from triage import broadcast, eventlog, orchestrator, shared
from triage.access import actor_of
from triage.analysis.base import Facts, Utterance
from triage.analysis.llm.phrasing import phrase, refusal
from triage.board import spending
from triage.breaker import breakers
from triage.models import Case
from triage.stream import follow
from triage.tests.cast import CRASH, acting, alice, make_case
from triage.tests.loaded_flows import load_small_flow
from triage.tests.model_server import ModelServer, Reply, fails, hangs_up, model_server, stalls, streams
from triage.tests.small_flow import NOON, SMALL
from triage.viewers import Viewer
from triage_project.tests.faulty_valkey import FaultyValkey

FLOW_WORDS = "How much is the damage?"
MODEL_WORDS = "I am sorry to hear that. How much would mending it cost?"
FACTS = Facts(SMALL, "en", NOON, {}, (Utterance("m1", "My bike squeaks."),))


@pytest.fixture
def server(settings: Settings) -> Iterator[ModelServer]:
    shared._local.clear()
    with model_server() as server:
        settings.TRIAGE_LLM_MODELS = ["openai:gpt-x"]
        settings.TRIAGE_LLM_BASE_URLS = {"": server.url}
        settings.TRIAGE_LLM_PHRASE_TIMEOUT = 4.0
        server.replies = [streams(*MODEL_WORDS.partition("that. "))]
        yield server


def answered(case: Case, text: str = "yesterday", **named: Any) -> orchestrator.TurnOutcome:
    return orchestrator.answer(actor=acting(alice()), case_id=case.pk, text=text, **named)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (MODEL_WORDS, None),
        ("E quanto custaria, mais ou menos?", None),
        ("", "empty"),
        ("Tell me about the damage.", "asks_nothing"),
        ("How much? " + "really " * 60, "too_long"),
        ("How much is it? See https://evil.example/x", "has_address"),
        ("How much is it? See www.evil.example", "has_address"),
        ("How much is it? See evil.com/pay", "has_address"),
        ("How much is it? Write to help@evil", "has_address"),
        ("How much is it? Call 190", "has_number"),
        ("How much is it? Call (11) 98765-4321", "has_number"),
        ("How much is it? Call 0 8 0 0", "has_number"),
    ],
)
def test_only_words_that_ask_the_question_are_taken(said: str, why: str | None) -> None:
    assert refusal(FLOW_WORDS, said) == why


def test_addresses_and_numbers_of_the_question_itself_may_stay() -> None:
    question = "Did you call 190 or write to www.gov.br?"
    assert refusal(question, "Have you already called 190 or used www.gov.br?") is None
    assert refusal("Describe it.", "Please describe it.") is None


def test_words_come_in_pieces_that_were_looked_at(server: ModelServer) -> None:
    heard: list[str] = []
    server.replies = [streams("How ", "much", " was it", "? Take your ", "time.")]
    assert phrase(FLOW_WORDS, FACTS, heard.append) == "How much was it? Take your time." == "".join(heard)
    assert len(heard) > 1
    assert FLOW_WORDS in server.sent()
    assert "My bike squeaks." in server.sent()


@pytest.mark.parametrize(
    ("pieces", "never"),
    [
        (["How much is it? Pay at ev", "il.exam", "ple/now ", "please?"], "evil"),
        (["How much is it? Call 1 ", "9 ", "0 now?"], "1"),
    ],
)
def test_nobody_hears_an_address_or_a_number(server: ModelServer, pieces: list[str], never: str) -> None:
    heard: list[str] = []
    server.replies = [streams(*pieces)]
    assert phrase(FLOW_WORDS, FACTS, heard.append) == FLOW_WORDS
    assert never not in "".join(heard)


def test_who_never_stops_talking_is_not_listened_to(server: ModelServer) -> None:
    server.replies = [streams(*["and so on "] * 5000, then=stalls)]
    begun = time.monotonic()
    assert phrase(FLOW_WORDS, FACTS) == FLOW_WORDS
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("reply", [fails(500), fails(401), fails(429, Retry_After="9"), hangs_up, streams()])
def test_the_flow_has_words_when_the_model_has_none(server: ModelServer, reply: Reply) -> None:
    server.replies = [reply]
    assert phrase(FLOW_WORDS, FACTS) == FLOW_WORDS


@pytest.mark.parametrize("reply", [stalls, streams("How much ", then=stalls)])
def test_words_that_come_late_are_not_waited_for(server: ModelServer, settings: Settings, reply: Reply) -> None:
    settings.TRIAGE_LLM_PHRASE_TIMEOUT = 0.3
    server.replies = [reply]
    begun = time.monotonic()
    assert phrase(FLOW_WORDS, FACTS) == FLOW_WORDS
    assert time.monotonic() - begun < 2
    assert [state.provider for state in breakers()] == ["openai.wording"]  # analyses go on


def test_after_five_late_answers_nobody_waits(server: ModelServer, settings: Settings) -> None:
    settings.TRIAGE_LLM_PHRASE_TIMEOUT = 0.2
    server.replies = [stalls]
    for _ in range(7):
        phrase(FLOW_WORDS, FACTS)
    assert len(server.asked) == 5


@pytest.mark.parametrize("changed", [{"TRIAGE_LLM_MODELS": []}, {"TRIAGE_LLM_PHRASE_TIMEOUT": 0.0}])
def test_nothing_is_asked_when_phrasing_is_off(
    server: ModelServer, settings: Settings, changed: dict[str, Any]
) -> None:
    for name, value in changed.items():
        setattr(settings, name, value)
    assert phrase(FLOW_WORDS, FACTS) == FLOW_WORDS
    assert server.asked == []


@pytest.mark.django_db(transaction=True)
def test_the_final_words_are_stored_and_a_repeated_request_hears_them_again(server: ModelServer) -> None:
    case = make_case(text="My brakes are worn")
    server.asked.clear()
    made = answered(case, key="once")
    assert made.message == MODEL_WORDS
    assert made.question is not None
    assert (made.question["id"], made.question["text"]) == ("how_much", MODEL_WORDS)
    assert answered(case, key="once") == made
    assert len(server.asked) == 1
    told = [event.data for event in eventlog.all_of(case.pk) if event.type == "message_added"][-1]
    assert (told["text"], told["question"]["text"]) == (MODEL_WORDS, MODEL_WORDS)
    spoken = Message.objects.filter(conversation=case.conversation_id, role="interviewer")
    assert list(spoken.values_list("text", flat=True)) == [MODEL_WORDS] * 2


@pytest.mark.django_db(transaction=True)
def test_what_words_cost_is_counted_once_whether_they_are_used_or_not(server: ModelServer, settings: Settings) -> None:
    settings.TRIAGE_LLM_PRICES = '{"openai:gpt-x": {"in": 1, "out": 10}}'
    case = make_case(text="My brakes are worn")
    answered(case, key="once")
    answered(case, key="once")
    server.replies = [streams("Tell me about the damage.")]
    make_case(text="My brakes are worn")
    (figure,) = spending.lately()
    assert (figure.analyzer, figure.answers, figure.tokens) == ("openai:gpt-x (wording)", 3, 3300)
    assert figure.dollars == pytest.approx(3 * 0.002)


@pytest.mark.django_db(transaction=True)
def test_the_first_question_is_worded_too_and_a_repeated_start_asks_no_model(server: ModelServer) -> None:
    load_small_flow()
    opened: Callable[[], orchestrator.TurnOutcome] = lambda: orchestrator.open_case(  # noqa: E731
        actor=acting(alice()), flow_id=SMALL.id, language="en", text="My brakes are worn", key="first"
    )
    assert opened().message == MODEL_WORDS
    assert opened().message == MODEL_WORDS
    assert len(server.asked) == 1


@pytest.mark.django_db(transaction=True)
def test_advice_on_a_danger_waits_for_no_model(server: ModelServer) -> None:
    case = make_case(text=CRASH)
    assert server.asked == []
    told = [event.data for event in eventlog.all_of(case.pk) if event.type == "message_added"][-1]
    assert told["text"].startswith("See a doctor now.")


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_no_lock_is_held_while_the_model_speaks_and_who_lost_the_race_asks_no_model_again(
    server: ModelServer, settings: Settings
) -> None:
    settings.TRIAGE_LLM_PHRASE_TIMEOUT = 0.0
    load_small_flow("endless")
    opened = orchestrator.open_case(actor=acting(alice()), flow_id="endless", language="en", text="My brakes are worn")
    case = Case.objects.get(pk=opened.case_id)
    for text in ("yesterday", "R$ 300"):
        answered(case, text)
    settings.TRIAGE_LLM_PHRASE_TIMEOUT = 10.0
    server.replies = [streams("And what came ", "after that?", then=stalls)]
    made: list[orchestrator.TurnOutcome] = []

    def talk() -> None:
        try:
            made.append(answered(case, "I fixed it"))
        finally:
            connection.close()

    speaking = threading.Thread(target=talk)
    speaking.start()
    assert server.was_asked.wait(5)
    settings.TRIAGE_LLM_PHRASE_TIMEOUT = 0.0
    begun = time.monotonic()
    answered(case, "It broke again")  # commits while the first waits for its words
    assert time.monotonic() - begun < 2
    settings.TRIAGE_LLM_PHRASE_TIMEOUT = 10.0
    server.released.set()
    speaking.join(10)
    assert [outcome.message for outcome in made] == ["And what came after that?"]
    assert len(server.asked) == 1
    case.refresh_from_db()
    assert [event.seq for event in eventlog.all_of(case.pk)] == list(range(1, case.last_seq + 1))


@pytest.mark.django_db(transaction=True)
@pytest.mark.fault
def test_without_redis_questions_are_worded_all_the_same(server: ModelServer, valkey: FaultyValkey) -> None:
    case = make_case(text="My brakes are worn")
    valkey.stop()
    assert answered(case).message == MODEL_WORDS


@pytest.mark.django_db(transaction=True)
@pytest.mark.stream
async def test_followers_hear_the_words_before_the_message(server: ModelServer) -> None:
    case = await sync_to_async(make_case)(text="My brakes are worn")
    server.replies = [streams("How ", "much ", "was ", "it?")]
    owner = await sync_to_async(lambda: actor_of(alice(), None))()
    heard: list[str] = []
    async with asyncio.timeout(20), aclosing(follow(Viewer(owner, case.pk), after=case.last_seq)) as frames:
        coming = asyncio.ensure_future(anext(frames))
        while not coming.done():  # the hub may not listen yet, and words are not kept for it
            await sync_to_async(broadcast.message_delta)(case.pk, "…")
            await asyncio.wait([coming], timeout=0.2)
        turn = asyncio.create_task(sync_to_async(answered, thread_sensitive=False)(case))
        async for frame in frames:
            if frame.type == "message_delta":
                heard.append(json.loads(frame.json)["text"])
            if frame.type == "message_added" and "How much was it?" in frame.json:
                break
        await turn
    assert "".join(heard).lstrip("…") == "How much was it?"
