"""Whether what the settings say about language models can work; for `manage.py check` and `doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from triage.analysis.llm.configuration import base_url_of, model_names, prices, provider_of


def check_models(**_kwargs: Any) -> list[CheckMessage]:
    """Nothing is asked of a model; without TRIAGE_LLM_MODELS nothing is looked at."""
    return [*_timeouts(), *_prices(), *_models()] if model_names() else []


def _timeouts() -> Iterator[CheckMessage]:
    longest = settings.CELERY_TASK_SOFT_TIME_LIMIT
    if not 0 < settings.TRIAGE_LLM_TIMEOUT < longest:
        yield _error(1, f"TRIAGE_LLM_TIMEOUT must lie between 0 and RUN_SECONDS ({longest}).")
    if not 0 <= settings.TRIAGE_LLM_PHRASE_TIMEOUT <= 30:
        yield _error(1, "TRIAGE_LLM_PHRASE_TIMEOUT must lie between 0 (questions are not phrased) and 30.")
    if settings.TRIAGE_LLM_MAX_TOKENS < 200:
        yield _error(1, "TRIAGE_LLM_MAX_TOKENS leaves no room for an answer; 200 is the least.")


def _prices() -> Iterator[CheckMessage]:
    try:
        unused = set(prices()) - set(model_names())
    except ValueError as error:
        yield _error(2, f"TRIAGE_LLM_PRICES {error}")
        return
    if unused:
        yield Warning(f"TRIAGE_LLM_PRICES names models that are not used: {', '.join(sorted(unused))}", id="llm.W002")


def _models() -> Iterator[CheckMessage]:
    names = model_names()
    for name in names:
        if (wrong := _wrong_with(name)) is not None:
            yield _error(3, f"TRIAGE_LLM_MODELS: {name}: {wrong}")
    if len(set(names)) < len(names):
        yield _error(3, "TRIAGE_LLM_MODELS names a model twice.")


def _wrong_with(name: str) -> str | None:
    """Builds the model, which is how its provider says that a key or a package is missing."""
    provider, _, model = name.partition(":")
    if not (provider and model):
        return "is not of the form provider:model, such as openai:gpt-x"
    url = base_url_of(provider_of(name))
    if url is not None and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        return f"{url} is no address such as http://localhost:11434/v1"
    from pydantic_ai.exceptions import UserError

    from triage.analysis.llm import calls

    try:
        calls.build_model(name)
    except (UserError, ImportError) as error:
        return " ".join(str(error).split())
    return None


def _error(number: int, message: str) -> CheckMessage:
    return Error(message, id=f"llm.E{number:03}")
