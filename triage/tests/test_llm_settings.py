"""Language models are settings: looked at when something starts, and without them nothing of them is there."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings as plain
from pytest_django.fixtures import Settings

from triage.analysis.llm.analyzer import configured
from triage.analysis.llm.checks import check_models
from triage.analysis.llm.configuration import base_url_of, cost_of

EVERYTHING = """
import django, sys
django.setup()
import triage.tasks, triage_project.asgi, triage_project.diagnosis
from django.core.checks import run_checks
from triage.orchestrator.wording import Wording
from triage.analysis.llm.analyzer import configured
from triage.analysis.llm.judging import judge
assert [problem for problem in run_checks() if str(problem.id).startswith("llm.")] == []
assert configured() == []
print(sorted(name for name in sys.modules if name.split(".")[0] in ("pydantic_ai", "openai", "anthropic", "httpx2")))
"""


@pytest.fixture(autouse=True)
def without_keys(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    settings.TRIAGE_LLM_BASE_URLS = {}


def problems() -> list[str]:
    return [str(problem.msg) for problem in check_models()]


def test_without_a_model_no_line_of_pydantic_ai_is_loaded() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", EVERYTHING],
        env={**os.environ, "TRIAGE_LLM_MODELS": ""},
        cwd=plain.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout.strip().splitlines()[-1:], ran.returncode) == (["[]"], 0), ran.stderr


def test_the_environment_names_models_and_their_servers() -> None:
    asked = "from django.conf import settings as s; print(s.TRIAGE_LLM_MODELS, sorted(s.TRIAGE_LLM_BASE_URLS.items()))"
    given = {
        "TRIAGE_LLM_MODELS": "openai:gpt-x,anthropic:claude-y",
        "TRIAGE_LLM_BASE_URL": "http://one/v1",
        "TRIAGE_LLM_BASE_URL_OPENAI_CHAT": "http://two/v1",
    }
    ran = subprocess.run(
        [sys.executable, "-c", asked],
        env={**os.environ, **given},
        cwd=plain.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == (
        "['openai:gpt-x', 'anthropic:claude-y'] [('', 'http://one/v1'), ('openai-chat', 'http://two/v1')]"
    )


def test_models_are_asked_in_the_order_in_which_they_are_named(settings: Settings) -> None:
    settings.TRIAGE_LLM_MODELS = ["openai:b", " ollama:a ", ""]
    assert [analyzer.name for analyzer in configured()] == ["llm:openai:b", "llm:ollama:a"]


def test_one_address_is_for_servers_of_ones_own_and_a_provider_may_have_another(settings: Settings) -> None:
    settings.TRIAGE_LLM_BASE_URLS = {"": "http://one/v1", "vllm": "http://two/v1"}
    assert base_url_of("openai") == base_url_of("ollama") == "http://one/v1"
    assert base_url_of("vllm") == "http://two/v1"
    assert base_url_of("anthropic") is None


@pytest.mark.parametrize(
    ("models", "says"),
    [
        ("gpt-x", "is not of the form provider:model"),
        ("openai:", "is not of the form provider:model"),
        ("nobody:x", "Unknown provider: nobody"),
        ("openai:gpt-x", "OPENAI_API_KEY"),
        ("anthropic:claude-y", "ANTHROPIC_API_KEY"),
        ("groq:x", "pip install"),
        ("vllm:x", "VLLM_BASE_URL"),
    ],
)
def test_a_model_that_cannot_be_asked_is_named_with_the_reason(settings: Settings, models: str, says: str) -> None:
    settings.TRIAGE_LLM_MODELS = [models]
    (problem,) = problems()
    assert problem.startswith(f"TRIAGE_LLM_MODELS: {models}: ")
    assert says in problem


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("TRIAGE_LLM_TIMEOUT", 0.0, "TRIAGE_LLM_TIMEOUT"),
        ("TRIAGE_LLM_TIMEOUT", 10_000.0, "RUN_SECONDS"),
        ("TRIAGE_LLM_PHRASE_TIMEOUT", -1.0, "TRIAGE_LLM_PHRASE_TIMEOUT"),
        ("TRIAGE_LLM_MAX_TOKENS", 1, "TRIAGE_LLM_MAX_TOKENS"),
        ("TRIAGE_LLM_BASE_URLS", {"": "localhost:11434"}, "is no address"),
        ("TRIAGE_LLM_MODELS", ["openai:x", "openai:x"], "twice"),
        ("TRIAGE_LLM_PRICES", "cheap", "is no JSON"),
        ("TRIAGE_LLM_PRICES", "[1]", "is no object"),
        ("TRIAGE_LLM_PRICES", '{"openai:x": {"in": -1, "out": 2}}', "openai:x: needs"),
        ("TRIAGE_LLM_PRICES", '{"openai:x": {"in": 1}}', "openai:x: needs"),
        ("TRIAGE_LLM_PRICES", '{"openai:x": {"in": NaN, "out": 2}}', "openai:x: needs"),
        ("TRIAGE_LLM_PRICES", '{"openai:y": {"in": 1, "out": 2}}', "not used: openai:y"),
    ],
)
def test_a_wrong_setting_is_named(settings: Settings, setting: str, value: object, says: str) -> None:
    settings.TRIAGE_LLM_MODELS = ["openai:x"]
    settings.TRIAGE_LLM_BASE_URLS = {"": "http://127.0.0.1:9/v1"}
    assert problems() == []
    setattr(settings, setting, value)
    assert [says in problem for problem in problems()] == [True]


def test_wrong_settings_of_what_is_off_disturb_nobody(settings: Settings) -> None:
    settings.TRIAGE_LLM_PRICES = "cheap"
    assert problems() == []


def test_dollars_are_reckoned_for_a_million_tokens(settings: Settings) -> None:
    settings.TRIAGE_LLM_PRICES = '{"openai:x": {"in": 0.5, "out": 2}}'
    assert cost_of("openai:x", 2_000_000, 500_000).dollars == 2.0
    assert cost_of("openai:y", 1, 1).dollars is None
