"""One question to one model: built, limited in time and size, guarded, paid for.

Heavy (pydantic-ai, and the provider's own client): import this only where a model is configured. Each call has an event
loop and a connection of its own, so nothing is shared between threads or survives a fork; a handshake is little beside
an answer. The clients' own repetitions are off: circuit breaker, rate limit and retries must see every request.
"""

from __future__ import annotations

import asyncio
import inspect
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

import httpx2
from django.conf import settings
from pydantic_ai import Agent, ModelRetry
from pydantic_ai.direct import model_request_stream
from pydantic_ai.exceptions import (
    ModelAuthenticationError,
    ModelNotFoundError,
    ModelRequestRejectedError,
    UnexpectedModelBehavior,
    UserError,
)
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters, infer_model
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.providers import Provider, infer_provider_class
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

from triage.analysis.base import Cost
from triage.analysis.llm.configuration import base_url_of, cost_of, provider_of
from triage.analysis.llm.errors import ModelUnavailable
from triage.analysis.llm.failures import TooMuch, explained
from triage.breaker import external

T = TypeVar("T")
Build = Callable[[str, httpx2.AsyncClient], Model]

MOST_BYTES = 1_000_000  # of one response
_CONNECT = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    output: T
    cost: Cost


def ask(
    name: str,
    *,
    instructions: str,
    prompt: str,
    shape: type[T],
    problem: Callable[[T], str | None],
    build: Build | None = None,
) -> Answered[T]:
    """The model's answer in this shape, once nothing is wrong with it; it is told once what was, and may try again.

    Raises ModelUnavailable or ModelUnusable, and Postponed when it must not be asked now.
    """
    usage = RunUsage()
    try:
        output = asyncio.run(_answer(name, instructions, prompt, shape, problem, build or build_model, usage))
    except Exception as error:
        raise explained(name, error, _paid(name, usage)) from None  # causes quote what people said
    return Answered(output, _paid(name, usage))


def stream(
    name: str,
    *,
    instructions: str,
    prompt: str,
    heard: Callable[[str], bool],
    seconds: float,
    build: Build | None = None,
) -> Answered[str]:
    """Plain words as they come: `heard` gets all words so far each time, and says whether to listen on.

    It has a circuit of its own (`<provider>.wording`): words that come too late must not keep analyses from the model,
    and while it is open no turn waits for them. Raises like `ask`.
    """
    usage = RunUsage()
    try:
        with external(f"{provider_of(name)}.wording"):
            said = asyncio.run(_speak(name, instructions, prompt, heard, seconds, build or build_model, usage))
    except Exception as error:
        raise explained(name, error, _paid(name, usage)) from None
    return Answered(said, _paid(name, usage))


def build_model(name: str, client: httpx2.AsyncClient | None = None) -> Model:
    """Raises UserError (a key is missing, no such provider or model) or ImportError (its package is not installed).

    Servers that are merely like OpenAI's speak its older protocol, so that is used wherever another address is given.
    """
    provider, _, model = name.partition(":")
    if provider == "openai" and base_url_of(provider):
        name = f"openai-chat:{model}"
    return infer_model(name, provider_factory=lambda _kind: _provider(provider, client))


def _provider(provider: str, client: httpx2.AsyncClient | None) -> Provider[Any]:
    try:
        kind = infer_provider_class(provider)
    except ValueError as error:
        raise UserError(str(error)) from None
    options: dict[str, Any] = {"base_url": base_url_of(provider)}
    if any(base.__name__ in ("_OpenAISDKProvider", "AnthropicProvider") for base in kind.__mro__):
        options["http_client"] = client  # others take clients of another make, or none
    taken = inspect.signature(kind).parameters
    return kind(**{name: value for name, value in options.items() if value is not None and name in taken})


def _settings(model: Model, seconds: float, most_tokens: int) -> ModelSettings:
    given: dict[str, Any] = {"max_tokens": most_tokens, "temperature": 0.0, "timeout": seconds, "max_retries": 0}
    if type(model).__name__ == "OpenAIResponsesModel":
        given["openai_store"] = False  # or the provider keeps what was said
    return cast(ModelSettings, given)


async def _answer(
    name: str,
    instructions: str,
    prompt: str,
    shape: type[T],
    problem: Callable[[T], str | None],
    build: Build,
    usage: RunUsage,
) -> T:
    seconds = settings.TRIAGE_LLM_TIMEOUT
    deadline = asyncio.get_running_loop().time() + seconds
    async with _client(seconds) as client:
        model = build(name, client)
        agent: Agent[object, T] = Agent(
            _Guarded(model, provider_of(name), deadline),
            output_type=shape,
            instructions=instructions,
            model_settings=_settings(model, seconds, settings.TRIAGE_LLM_MAX_TOKENS),
            retries={"output": 1},
        )

        @agent.output_validator
        async def _check(output: T) -> T:
            if (wrong := problem(output)) is not None:
                raise ModelRetry(wrong)
            return output

        result = await agent.run(prompt, usage=usage)
        return result.output


async def _speak(
    name: str,
    instructions: str,
    prompt: str,
    heard: Callable[[str], bool],
    seconds: float,
    build: Build,
    usage: RunUsage,
) -> str:
    said = ""
    async with asyncio.timeout(seconds), _client(seconds) as client:
        model = build(name, client)
        asked = ModelRequest(parts=[UserPromptPart(prompt)], instructions=instructions)
        async with model, model_request_stream(model, [asked], model_settings=_settings(model, seconds, 500)) as events:
            try:
                async for event in events:
                    said += _words(event)
                    if not heard(said):
                        break
            finally:
                usage.incr(events.usage)  # most providers tell it with the last words only
    return said


def _words(event: object) -> str:
    if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
        return event.part.content
    if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
        return event.delta.content_delta
    return ""


class _Guarded(WrapperModel):
    """Every request asks the circuit breaker, and ends with the time of the whole call."""

    def __init__(self, wrapped: Model, provider: str, deadline: float) -> None:
        super().__init__(wrapped)
        self._provider_name = provider
        self._deadline = deadline

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        refusal: ModelRequestRejectedError | None = None
        with external(self._provider_name):
            try:
                async with asyncio.timeout_at(self._deadline):
                    return await super().request(messages, model_settings, model_request_parameters)
            except UnexpectedModelBehavior:  # no model's answer at all, such as the page of a proxy
                raise ModelUnavailable(self.model_id, "nonsense") from None
            except ModelRequestRejectedError as error:
                if isinstance(error, ModelAuthenticationError | ModelNotFoundError):
                    raise
                refusal = error
        raise refusal  # of this one case's words: the next may be taken, so the provider is not ill


@asynccontextmanager
async def _client(seconds: float) -> AsyncIterator[httpx2.AsyncClient]:
    timeout = httpx2.Timeout(seconds, connect=min(_CONNECT, seconds))
    # Not compressed, so that the bytes that are counted are those that are kept.
    async with httpx2.AsyncClient(
        timeout=timeout, verify=_certificates(), headers={"Accept-Encoding": "identity"}
    ) as client:
        client.event_hooks["response"] = [_limit]
        yield client


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """Reading them takes longer than all the rest of making a client."""
    return ssl.create_default_context()


async def _limit(response: httpx2.Response) -> None:
    response.stream = _Limited(cast(httpx2.AsyncByteStream, response.stream))


class _Limited(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MOST_BYTES
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise TooMuch
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def _paid(name: str, usage: RunUsage) -> Cost:
    return cost_of(name, usage.input_tokens, usage.output_tokens)
