"""What the settings say about language models. Nothing is asked and nothing heavy is imported."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from triage.analysis.base import Cost

OWN_SERVERS = frozenset({"openai", "openai-chat", "ollama", "vllm", "litellm"})
"""Providers whose models may stand on a server of one's own: TRIAGE_LLM_BASE_URL is for these."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    tokens_in: float
    tokens_out: float


def model_names() -> list[str]:
    """As `provider:model`, the one to ask first coming first."""
    return [name for given in settings.TRIAGE_LLM_MODELS if (name := given.strip())]


def provider_of(name: str) -> str:
    return name.partition(":")[0]


def base_url_of(provider: str) -> str | None:
    """Where the provider's models are asked, if not at its own address."""
    urls: dict[str, str] = settings.TRIAGE_LLM_BASE_URLS
    general = urls.get("") if provider in OWN_SERVERS else None
    return urls.get(provider) or general or None


def prices() -> dict[str, Price]:
    """By model. Raises ValueError with a sentence for whoever wrote the setting."""
    try:
        table = json.loads(settings.TRIAGE_LLM_PRICES or "{}")
    except ValueError as error:
        raise ValueError(f"is no JSON: {error}") from None
    if not isinstance(table, dict):
        raise ValueError('is no object such as {"openai:gpt-x": {"in": 0.5, "out": 2}}')
    return {name: _price(name, given) for name, given in table.items()}


def _price(name: str, given: Any) -> Price:
    amounts = list(given.values()) if isinstance(given, dict) and set(given) == {"in", "out"} else []
    if not amounts or not all(type(amount) in (int, float) and 0 <= amount < math.inf for amount in amounts):
        raise ValueError(f'{name}: needs {{"in": …, "out": …}}, dollars for a million tokens')
    return Price(float(given["in"]), float(given["out"]))


def cost_of(name: str, tokens_in: int, tokens_out: int) -> Cost:
    price = prices().get(name)
    if price is None:
        return Cost(tokens_in, tokens_out, None)
    dollars = (tokens_in * price.tokens_in + tokens_out * price.tokens_out) / 1_000_000
    return Cost(tokens_in, tokens_out, round(dollars, 6))
