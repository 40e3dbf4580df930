"""Who is simulated: the truth of a case, and how its owner talks about it.

A file holds `defaults` (slots that are true of everybody in it unless a persona says otherwise) and `personas`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from triage.errors import FlowInvalid
from triage.flows import strict_yaml
from triage.flows.schema import Flow, Id, Language, Level, Part, Sentence, UrgencyLevel, Utterance

PERSONAS = Path(__file__).parent / "personas"
Style = Literal["short", "plain", "long", "rambling", "misspelt"]
Said = date | bool | int | float | str
"""A slot's true value: a choice's id, a day, an amount, a number, yes or no, or words."""


class Truth(Part):
    """What is so, whatever is said. `red_flags`: each danger that must be raised, and where its words are:
    in the `opening`, in a `blurt`, or in the answer about a slot (its id)."""

    category: Id
    level: Level
    urgency: UrgencyLevel
    red_flags: dict[Id, Id] = Field(default_factory=dict)
    slots: dict[Id, Said] = Field(default_factory=dict)


class Blurt(Part):
    """Words that come along with the `answer`th answer, whatever was asked; `flag` names the danger in them."""

    answer: Annotated[int, Field(ge=1, le=30)]
    words: Utterance
    flag: Id | None = None


class Contradiction(Part):
    """A slot told before is told another way: from the `answer`th answer on, as soon as it was told and something
    else is asked. `right`: what the person says when asked which is true; `flag` names a danger in the words."""

    slot: Id
    answer: Annotated[int, Field(ge=1, le=30)]
    words: Utterance
    right: Utterance
    flag: Id | None = None


class Switch(Part):
    after: Annotated[int, Field(ge=0, le=30)]
    language: Language


class Persona(Part):
    """`answers`: the person's own words about a slot; a second entry is said when the first was not understood.

    Other slots of the truth are told in the usual words for their kind, and what the truth does not hold is not known.
    """

    id: Id
    language: Language
    style: Style = "plain"
    truth: Truth
    opening: Utterance
    answers: dict[Id, list[Utterance]] = Field(default_factory=dict)
    unknown: list[Sentence] = Field(default_factory=list)
    blurts: list[Blurt] = Field(default_factory=list)
    contradictions: list[Contradiction] = Field(default_factory=list)
    switch: Switch | None = None


class _File(Part):
    defaults: dict[Id, Said] = Field(default_factory=dict)
    personas: list[dict[str, Any]]


def load_personas(flow: Flow, folder: Path | None = None) -> list[Persona]:
    """Everybody who is simulated for this flow. Raises FlowInvalid with every mistake."""
    found: list[Persona] = []
    problems: list[str] = []
    for path in sorted((folder or PERSONAS / flow.id).glob("*.yaml")):
        try:
            found += _read(path)
        except (ValidationError, ValueError) as error:
            problems.append(f"{path.name}: {error}")
    problems += [problem for persona in found for problem in _wrong(persona, flow)]
    ids = [persona.id for persona in found]
    problems += [f"{one}: is there {ids.count(one)} times" for one in sorted(set(ids)) if ids.count(one) > 1]
    if problems:
        raise FlowInvalid(problems)
    return found


def _read(path: Path) -> list[Persona]:
    file = _File.model_validate(strict_yaml.load(path.read_text(encoding="utf-8")))
    personas = [Persona.model_validate(one) for one in file.personas]
    return [_with_defaults(persona, file.defaults) for persona in personas]


def _with_defaults(persona: Persona, defaults: dict[str, Said]) -> Persona:
    truth = persona.truth.model_copy(update={"slots": defaults | persona.truth.slots})
    return persona.model_copy(update={"truth": truth})


def _wrong(persona: Persona, flow: Flow) -> list[str]:
    """Names that the flow does not know."""
    slots = {slot.id for slot in flow.slots}
    flags = {flag.id for flag in flow.red_flags}
    words: list[Blurt | Contradiction] = [*persona.blurts, *persona.contradictions]
    known: list[tuple[str, set[str], set[str]]] = [
        ("category", {persona.truth.category}, {category.id for category in flow.categories}),
        ("slot", {*persona.truth.slots, *persona.answers, *(one.slot for one in persona.contradictions)}, slots),
        (
            "red flag",
            {*persona.truth.red_flags, *(one.flag for one in words if one.flag)},
            flags,
        ),
        ("place of a red flag", set(persona.truth.red_flags.values()), slots | {"opening", "blurt"}),
        ("language", {persona.language}, set(flow.languages)),
    ]
    return [f"{persona.id}: there is no {what} {name}" for what, names, all_ in known for name in sorted(names - all_)]
