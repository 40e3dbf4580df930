"""A model on a server like OpenAI's, that answers, stalls, errs, babbles and says too much."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from triage import shared
from triage.analysis.base import Cost, Evidence, Facts, Utterance
from triage.analysis.llm.analyzer import LanguageModelAnalyzer, configured
from triage.analysis.llm.errors import ModelFailed, ModelUnavailable, ModelUnusable
from triage.analysis.llm.judging import judge
from triage.breaker import CircuitOpen, RateLimited, breakers
from triage.flows.schema import Analysis
from triage.retries import is_permanent, wait
from triage.tests.model_server import (
    ModelServer,
    Reply,
    answers,
    fails,
    floods,
    hangs_up,
    model_server,
    sends,
    stalls,
)
from triage.tests.small_flow import NOON, SMALL
from triage_project.tests.faulty_valkey import FaultyValkey

MODEL = "openai:gpt-x"
WORDS = "I had a crash on the street. My electric bike is broken and my knee bleeds."
FACTS = Facts(SMALL, "en", NOON, {}, (Utterance("m1", "Good morning"), Utterance("m2", WORDS)))
GOOD: dict[str, Any] = {
    "category": "crash",
    "confidence": 0.8,
    "quotations": ["a crash on the street"],
    "level": "medium",
    "factors": [{"id": "electric", "quotation": "My electric bike"}],
    "red_flags": [{"id": "injury", "quotation": "my knee bleeds"}],
    "sentiment": "negative",
    "keywords": ["crash", "knee"],
}


@pytest.fixture(autouse=True)
def no_local_states() -> None:
    shared._local.clear()


@pytest.fixture
def server(settings: Settings) -> Iterator[ModelServer]:
    with model_server() as server:
        settings.TRIAGE_LLM_MODELS = [MODEL]
        settings.TRIAGE_LLM_BASE_URLS = {"": server.url}
        settings.TRIAGE_LLM_TIMEOUT = 5.0
        yield server


def failure(server: ModelServer, *replies: Reply) -> ModelFailed:
    server.replies = list(replies)
    with pytest.raises(ModelFailed) as failed:
        LanguageModelAnalyzer(MODEL).analyse(FACTS)
    return failed.value


def test_an_answer_becomes_a_finding_with_the_places_of_its_quotations(server: ModelServer, settings: Settings) -> None:
    settings.TRIAGE_LLM_PRICES = '{"openai:gpt-x": {"in": 2, "out": 10}}'
    server.replies = [answers(GOOD)]
    (analyzer,) = configured()
    finding = analyzer.analyse(FACTS)
    assert finding.analyzer == analyzer.name == "llm:openai:gpt-x"
    (category,) = finding.categories
    assert (category.id, category.score) == ("crash", 0.8)
    start = WORDS.index("a crash")
    assert category.evidence == (Evidence("m2", start, start + 21, "a crash on the street", "model:openai:gpt-x"),)
    assert [(factor.id, factor.score) for factor in finding.factors] == [("electric", 3.0)]
    assert [flag.id for flag in finding.red_flags] == ["injury"]
    assert (finding.level, finding.sentiment, finding.keywords) == ("medium", "negative", ("crash", "knee"))
    assert finding.calibrated is False
    assert finding.cost == Cost(1000, 100, 0.003)


def test_what_an_unpriced_model_costs_is_not_known(server: ModelServer) -> None:
    server.replies = [answers(GOOD)]
    assert LanguageModelAnalyzer(MODEL).analyse(FACTS).cost == Cost(1000, 100, None)


def test_claims_that_nobody_said_are_dropped(server: ModelServer) -> None:
    invented = {
        **GOOD,
        "quotations": ["a crash on the street", "he hit me with his car"],
        "factors": [{"id": "large_damage", "quotation": "5,000 dollars"}],
        "red_flags": [{"id": "injury", "quotation": "nee bleed"}],  # no whole words
        "keywords": ["murder", "crash"],
    }
    server.replies = [answers(invented)]
    finding = LanguageModelAnalyzer(MODEL).analyse(FACTS)
    assert [evidence.text for evidence in finding.categories[0].evidence] == ["a crash on the street"]
    assert (finding.factors, finding.red_flags, finding.keywords) == ((), (), ("crash",))


@pytest.mark.parametrize(
    "bad",
    [
        {**GOOD, "quotations": ["he hit me with his car"]},
        {**GOOD, "quotations": []},
        {**GOOD, "category": "murder"},
        {**GOOD, "level": "extreme"},
        {**GOOD, "confidence": 1.2},
        {**GOOD, "factors": [{"id": "haunted", "quotation": "My electric bike"}]},
        {**GOOD, "red_flags": [{"id": "none", "quotation": "my knee bleeds"}]},
        {**GOOD, "quotations": ["crash " * 1000]},
        '{"category": "crash", ',
        "I would rather talk about the weather.",
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong_and_may_be_mended_once(server: ModelServer, bad: Any) -> None:
    server.replies = [answers(bad), answers(GOOD)]
    assert LanguageModelAnalyzer(MODEL).analyse(FACTS).categories[0].id == "crash"
    assert len(server.asked) == 2
    server.asked.clear()
    failed = failure(server, answers(bad), answers(bad))
    assert isinstance(failed, ModelUnusable)
    assert failed.code == "invalid_output"
    assert is_permanent(failed)
    assert len(server.asked) == 2
    assert (failed.cost.tokens_in, failed.cost.tokens_out) == (2000, 200)
    assert breakers() == []  # the provider is well


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (fails(500), "unavailable"),
        (fails(503), "unavailable"),
        (fails(429), "rate_limited"),
        (hangs_up, "unreachable"),
        (sends(b"<html>Bad gateway</html>", "text/html"), "nonsense"),
        (sends(b'{"what": "is this"}'), "nonsense"),
        (sends(b'{"choices": [{"mess'), "unavailable"),
    ],
)
def test_what_may_pass_is_tried_again_later_and_not_at_once(server: ModelServer, reply: Reply, code: str) -> None:
    failed = failure(server, reply)
    assert isinstance(failed, ModelUnavailable)
    assert failed.code == code
    assert not is_permanent(failed)
    assert len(server.asked) == 1
    assert breakers()[0].failures == 1


@pytest.mark.parametrize(
    ("reply", "code", "counted"),
    [
        (fails(401), "refused", True),
        (fails(404), "refused", True),
        (fails(400), "refused", False),
        (fails(402), "quota", True),
        (floods, "too_much", True),
    ],
)
def test_what_cannot_pass_is_not_tried_again(server: ModelServer, reply: Reply, code: str, counted: bool) -> None:
    failed = failure(server, reply)
    assert isinstance(failed, ModelUnusable)
    assert failed.code == code
    assert is_permanent(failed)
    assert len(server.asked) == 1
    assert [state.failures for state in breakers()] == ([1] if counted else [])


def test_a_server_that_is_not_there_is_unreachable(server: ModelServer, settings: Settings) -> None:
    settings.TRIAGE_LLM_BASE_URLS = {"": "http://127.0.0.1:9/v1"}
    assert failure(server, answers(GOOD)).code == "unreachable"


def test_who_stalls_is_given_up_in_time(server: ModelServer, settings: Settings) -> None:
    settings.TRIAGE_LLM_TIMEOUT = 0.5
    begun = time.monotonic()
    failed = failure(server, stalls)
    assert time.monotonic() - begun < 3
    assert (failed.code, is_permanent(failed), breakers()[0].failures) == ("timeout", False, 1)


def test_the_time_is_for_the_whole_call_with_the_second_try(server: ModelServer, settings: Settings) -> None:
    settings.TRIAGE_LLM_TIMEOUT = 1.0
    begun = time.monotonic()
    assert failure(server, answers({}), stalls).code == "timeout"
    assert time.monotonic() - begun < 3


def test_a_provider_that_says_when_to_come_back_is_taken_at_its_word(server: ModelServer) -> None:
    server.replies = [fails(429, Retry_After="42")]
    with pytest.raises(RateLimited) as refused:
        LanguageModelAnalyzer(MODEL).analyse(FACTS)
    assert refused.value.retry_after == 42
    later = wait(refused.value, 99, Analysis())
    assert later is not None
    assert later >= timedelta(seconds=42)


def test_nobody_asks_a_provider_that_failed_again_and_again(server: ModelServer) -> None:
    for _ in range(5):
        failure(server, fails(500))
    with pytest.raises(CircuitOpen):
        LanguageModelAnalyzer(MODEL).analyse(FACTS)
    assert len(server.asked) == 5


def test_each_request_counts_for_the_rate_limit(server: ModelServer, settings: Settings) -> None:
    settings.TRIAGE_RATE_LIMITS = {"openai": 6}  # one at once
    server.replies = [answers({}), answers(GOOD)]
    with pytest.raises(RateLimited):
        LanguageModelAnalyzer(MODEL).analyse(FACTS)
    assert len(server.asked) == 1


@pytest.mark.fault
def test_without_redis_models_are_asked_all_the_same(server: ModelServer, valkey: FaultyValkey) -> None:
    valkey.stop()
    server.replies = [answers(GOOD)]
    assert LanguageModelAnalyzer(MODEL).analyse(FACTS).categories[0].id == "crash"


def test_errors_do_not_quote_what_people_said(server: ModelServer) -> None:
    failed = failure(server, answers({**GOOD, "category": WORDS}))
    assert "street" not in repr(failed)
    assert failed.__suppress_context__
    assert failed.__cause__ is None


def test_a_judge_chooses_among_what_was_proposed_and_nothing_else(server: ModelServer, settings: Settings) -> None:
    server.replies = [answers(GOOD)]
    crash = LanguageModelAnalyzer(MODEL).analyse(FACTS)
    server.replies = [answers({**GOOD, "category": "wear", "quotations": ["My electric bike is broken"]})]
    wear = LanguageModelAnalyzer(MODEL).analyse(FACTS)
    assert judge(FACTS, [crash, crash]) is None
    server.asked.clear()

    verdict = {"category": "wear", "confidence": 0.6, "quotations": ["bike is broken"]}
    server.replies = [answers({**verdict, "category": "other"}), answers(verdict)]
    judged = judge(FACTS, [crash, wear])
    assert judged is not None
    assert judged.analyzer == "judge:openai:gpt-x"
    assert [(category.id, category.score) for category in judged.categories] == [("wear", 0.6)]
    assert judged.categories[0].evidence[0].text == "bike is broken"
    assert len(server.asked) == 2  # the first named what nobody had proposed
    assert "- other:" not in server.sent(0)

    server.replies = [answers({**verdict, "quotations": ["it squeaks"]})]
    with pytest.raises(ModelUnusable):
        judge(FACTS, [crash, wear])
    settings.TRIAGE_LLM_MODELS = []
    assert judge(FACTS, [crash, wear]) is None


def test_the_next_model_judges_when_the_first_cannot(server: ModelServer, settings: Settings) -> None:
    server.replies = [answers(GOOD)]
    crash = LanguageModelAnalyzer(MODEL).analyse(FACTS)
    server.replies = [answers({**GOOD, "category": "wear"})]
    wear = LanguageModelAnalyzer(MODEL).analyse(FACTS)
    settings.TRIAGE_LLM_MODELS = [MODEL, "vllm:local"]
    server.replies = [
        fails(500),
        answers({"category": "crash", "confidence": 1, "quotations": ["a crash on the street"]}),
    ]
    judged = judge(FACTS, [crash, wear])
    assert judged is not None
    assert judged.analyzer == "judge:vllm:local"
