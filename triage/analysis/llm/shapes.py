"""What a model may answer: made from the flow, so that nothing but the flow's ids can come out, whoever gave orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Protocol, cast

from pydantic import BaseModel, Field, StringConstraints, create_model

from triage.flows.schema import Flow, Level

_LONGEST_QUOTATION = 600
_MOST_QUOTATIONS = 6
_MOST_CLAIMS = 40

Quotation = Annotated[str, StringConstraints(max_length=_LONGEST_QUOTATION)]
Quotations = Annotated[list[Quotation], Field(max_length=_MOST_QUOTATIONS)]
Confidence = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Claim(Protocol):
    """That a factor or a red flag is there, and the words that say so."""

    id: str
    quotation: str


class Choice(Protocol):
    """A category and why."""

    category: str
    confidence: float
    quotations: list[str]


class Answer(Choice, Protocol):
    """A whole assessment."""

    level: Level
    factors: list[Claim]
    red_flags: list[Claim]
    sentiment: Literal["positive", "neutral", "negative"]
    keywords: list[str]


def choice_among(categories: Sequence[str]) -> type[Choice]:
    return cast(type[Choice], create_model("Choice", **_choice(categories)))


def answer_for(flow: Flow) -> type[Answer]:
    fields = {
        **_choice([category.id for category in flow.categories]),
        "level": (Level, ...),
        "factors": _claims("Factor", [factor.id for factor in flow.factors]),
        "red_flags": _claims("RedFlag", [flag.id for flag in flow.red_flags]),
        "sentiment": (Literal["positive", "neutral", "negative"], "neutral"),
        "keywords": (Quotations, Field(default_factory=list)),
    }
    return cast(type[Answer], create_model("Assessment", **fields))


def _choice(categories: Sequence[str]) -> dict[str, Any]:
    return {"category": (_one_of(categories), ...), "confidence": (Confidence, ...), "quotations": (Quotations, ...)}


def _claims(name: str, ids: Sequence[str]) -> Any:
    """A flow without such things takes an empty list only."""
    if not ids:
        return (Annotated[list[str], Field(max_length=0)], Field(default_factory=list))
    claim: type[BaseModel] = create_model(name, id=(_one_of(ids), ...), quotation=(Quotation, ...))
    kind: Any = list.__class_getitem__(claim)
    return (Annotated[kind, Field(max_length=_MOST_CLAIMS)], Field(default_factory=list))


def _one_of(ids: Sequence[str]) -> Any:
    return Literal.__getitem__(tuple(dict.fromkeys(ids)))
