"""What a flow file may say.

A flow is a questionnaire as data: slots to fill, questions that fill them, categories, factors
of complexity, red flags, rules of urgency, and every sentence the interviewer speaks, in each of its
languages. Python reads flows; no line of it knows which flow it runs.

Shapes are checked here (pydantic, unknown keys refused); what spans several parts (an
unknown question in a condition, a question nobody can reach, thresholds out of order, a missing
translation) is checked in `flows/checks.py`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]

Words = dict[Language, Sentence]
"""One sentence in each language of the flow."""

WordLists = dict[Language, list[Sentence]]
"""Several sentences, or terms, in each language of the flow.

A term is one or more words, matched on word boundaries without regard to case and accents; `*` ends
a stem (`demit*`), `(a|b)` offers alternatives, ` .. ` lets up to four words stand between.
"""

Utterance = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
Utterances = dict[Language, list[Utterance]]
"""What people say, as they say it, in some of the flow's languages: no terms."""

Level = Literal["low", "medium", "high"]
UrgencyLevel = Literal["low", "normal", "high", "critical"]
SlotKind = Literal["text", "date", "money", "number", "yes_no", "choice", "place", "category"]
Scalar = bool | int | float | str

LEVELS: tuple[Level, ...] = ("low", "medium", "high")
URGENCIES: tuple[UrgencyLevel, ...] = ("low", "normal", "high", "critical")


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(Part):
    """One test or a tree of tests; exactly one form is used.

    `{all: […]}`, `{any: […]}`, `{not: …}`; `{category: [work, money]}` (the leading category);
    `{flag: [id, …]}` (a red flag was raised); `{says: {pt-BR: [terms], en: [terms]}}` (the person's own
    words); `{slot: id}` alone (it has a value), or with one comparison: `is`, `in`, `at_least`
    (number, or amount of money), `within_days` (a date from today to that many days ahead),
    `older_than_days` (a date more than that many days ago). A comparison with a slot
    that has no value yet is undecided, which counts as false, and so is its `not`: "has none, or another" is
    `{not: {all: [{slot: x}, {slot: x, is: y}]}}`.
    """

    all: list[Condition] | None = None
    any: list[Condition] | None = None
    not_: Condition | None = Field(default=None, alias="not")
    category: list[Id] | None = None
    flag: list[Id] | None = None
    says: WordLists | None = None
    slot: Id | None = None
    is_: Scalar | None = Field(default=None, alias="is")
    in_: list[Scalar] | None = Field(default=None, alias="in")
    at_least: float | None = None
    within_days: int | None = None
    older_than_days: int | None = None


class Choice(Part):
    """One answer of a closed question; `terms` are other ways to say it.

    They also fill the slot from words that nobody asked for, so they must mean only this.
    """

    id: Id
    title: Words
    terms: WordLists = Field(default_factory=dict)


class Slot(Part):
    """One thing to know.

    `near`: words that, close to a value of this kind in free text, say that it fills this slot ("audiência"
    near a date). `greedy`: a value of this kind with no such words of any slot near it fills this
    slot. `several`: more than one value may be true, so that another one contradicts nothing. `prefer`: whether an
    ambiguous date ("segunda", "dia 15") lies in the past or the future. `affirms`, `denies`: words that settle a yes or
    no which nobody asked for ("me demitiram" denies that one still works there), so they must mean only this.
    """

    id: Id
    title: Words
    kind: SlotKind
    near: WordLists = Field(default_factory=dict)
    affirms: WordLists = Field(default_factory=dict)
    denies: WordLists = Field(default_factory=dict)
    greedy: bool = False
    several: bool = False
    prefer: Literal["past", "future"] | None = None
    choices: list[Choice] = Field(default_factory=list)
    entity: Literal["parties", "amounts", "dates", "places"] | None = None


class Question(Part):
    """One question; asked when `when` holds and its slot is empty.

    `weight` orders candidates (higher first). `essential` questions are asked even when nothing in the
    result depends on the answer; others stop being asked once they cannot change the result
    and the level's `least` is reached.
    """

    id: Id
    slot: Id
    text: Words
    reason: Words
    hint: Words = Field(default_factory=dict)
    weight: float = Field(default=1.0, ge=0, le=100)
    essential: bool = False
    when: Condition | None = None


class Document(Part):
    title: Words
    when: Condition | None = None


class NextStep(Part):
    text: Words
    when: Condition | None = None


class Category(Part):
    """`code` is the category's LIST (Legal Issues Taxonomy) code, or the trade's own.

    `terms` speak for the category; `strong` ones speak three times as loud.
    """

    id: Id
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{1,12}$")]
    title: Words
    terms: WordLists = Field(default_factory=dict)
    strong: WordLists = Field(default_factory=dict)
    documents: list[Document] = Field(default_factory=list)
    next_steps: list[NextStep] = Field(default_factory=list)


class Factor(Part):
    """Something that makes a case harder; adds `weight` to the score when it holds."""

    id: Id
    title: Words
    weight: float = Field(gt=0, le=20)
    when: Condition


class Helpline(Part):
    number: Annotated[str, StringConstraints(min_length=2, max_length=30)]
    title: Words


class RedFlag(Part):
    """Danger: raises urgency at once and puts the advice before everything else."""

    id: Id
    title: Words
    when: Condition
    advice: Words
    numbers: list[Helpline] = Field(default_factory=list)
    urgency: UrgencyLevel = "critical"
    hours: int = Field(default=2, ge=0, le=8760)


class UrgencyRule(Part):
    """The first rule that holds, from the most urgent level down, decides."""

    id: Id
    level: UrgencyLevel
    when: Condition
    reason: Words
    hours: int | None = Field(default=None, ge=0, le=8760)


class Urgency(Part):
    """`hours`: within how many hours somebody should act, per level."""

    default: UrgencyLevel = "normal"
    default_reason: Words
    titles: dict[UrgencyLevel, Words]
    hours: dict[UrgencyLevel, Annotated[int, Field(ge=0, le=8760)]]
    deadline_slot: Id | None = None
    rules: list[UrgencyRule] = Field(default_factory=list)


class Limit(Part):
    least: int = Field(ge=0, le=1000)
    most: int = Field(ge=1, le=1000)


class Complexity(Part):
    """Score at and above which a case is medium or high, and how many questions each level may ask."""

    medium: float = Field(gt=0)
    high: float = Field(gt=0)
    titles: dict[Level, Words]
    limits: dict[Level, Limit]


class Phrases(Part):
    """All that the interviewer says besides its questions.

    `contradiction` comes before the question whose slot was told in two ways, `{before}` and `{now}`. A flow without it
    asks about no contradiction.
    """

    opening: Words
    empty: Words
    off_topic: Words
    unclear: Words
    nothing_to_go_back_to: Words
    going_back: Words
    corrected: Words
    contradiction: Words = Field(default_factory=dict)
    noted: Words
    closing: Words
    started: Words
    gathering: Words
    assessing: Words
    composing: Words
    completed: Words
    failed: Words
    cancelled: Words
    expired: Words
    reopened: Words
    privacy: Words
    disclaimer: Words


Strategy = Literal["simple", "failover", "ensemble"]
_STRATEGIES: dict[Level, Strategy] = {"low": "simple", "medium": "failover", "high": "ensemble"}


class Analysis(Part):
    """How hard the analysis is tried, and how right it has to be.

    `attempts`: of each step; `minutes`: from the first attempt to the last one. `strategies`: how a case of each level
    is analysed. `accuracy`: how often a category must be right for nobody to look at it; `act_accuracy`: for somebody
    to act upon it at once.
    """

    attempts: int = Field(default=3, ge=1, le=20)
    minutes: int = Field(default=30, ge=1, le=1440)
    strategies: dict[Level, Strategy] = Field(default=_STRATEGIES)
    accuracy: float = Field(default=0.9, gt=0, lt=1)
    act_accuracy: float = Field(default=0.95, gt=0, lt=1)


class Commands(Part):
    """What a person may say instead of an answer. Each is compared with the whole reply."""

    skip: WordLists
    back: WordLists
    small_talk: WordLists


class Flow(Part):
    """A whole flow file. `currency` is assumed where a sum names none (ISO 4217).

    `examples`: per category what people say who have such a case, from which it is learnt; `held_out`: more of
    them, by which that is measured, and from which nothing is ever learnt; `out_of_scope`: what is no case at all.
    `danger`: per red flag what people say who are in it, above all those who only hint; `harmless`: what sounds alike.
    """

    id: Id
    title: Words
    description: Words
    languages: list[Language] = Field(min_length=1)
    time_zone: str = "America/Sao_Paulo"
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "BRL"
    order: int = 100
    listed: bool = True
    negations: WordLists = Field(default_factory=dict)
    positive: WordLists = Field(default_factory=dict)
    negative: WordLists = Field(default_factory=dict)
    phrases: Phrases
    commands: Commands
    slots: list[Slot] = Field(min_length=1)
    questions: list[Question] = Field(min_length=1)
    categories: list[Category] = Field(min_length=1)
    fallback_category: Id
    factors: list[Factor] = Field(default_factory=list)
    red_flags: list[RedFlag] = Field(default_factory=list)
    urgency: Urgency
    complexity: Complexity
    documents: list[Document] = Field(default_factory=list)
    next_steps: list[NextStep] = Field(default_factory=list)
    analysis: Analysis = Field(default_factory=Analysis)
    examples: dict[Id, Utterances] = Field(default_factory=dict)
    held_out: dict[Id, Utterances] = Field(default_factory=dict)
    out_of_scope: Utterances = Field(default_factory=dict)
    danger: dict[Id, Utterances] = Field(default_factory=dict)
    harmless: Utterances = Field(default_factory=dict)


Money = dict[str, str]
"""`{"amount": "12000.00", "currency": "BRL"}`; the amount is a Decimal's text."""


def amount_of(value: object) -> Decimal | None:
    """The comparable size of a number or a sum of money; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return Decimal(str(value))
    if isinstance(value, dict) and "amount" in value:
        return Decimal(str(value["amount"]))
    return None


def listed(said: Utterances) -> list[str]:
    """All that is said in any language."""
    return [text for language in sorted(said) for text in said[language]]
