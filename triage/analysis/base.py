"""The words that analysis is spoken in: facts in, findings out, an assessment for people.

All values are plain data (frozen, JSON-friendly), so that they can be remembered, replayed and compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from triage.flows.schema import Flow, Level, UrgencyLevel

TurnKind = Literal["answer", "skip", "back", "unclear", "off_topic", "empty", "extra"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where something was read: characters `start` to `end` of a message, and by which rule.

    `source` names the rule or model: `answer:<question>`, `pattern:<kind>`, `rule:<id>`, `term:<category>`.
    """

    message_id: str
    start: int
    end: int
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A value read from words, with the span that it was read from. See `flows/answers.py`.

    `value` by slot kind: text and place str; date ISO 8601 day; money `{"amount", "currency"}`; number int or
    float; yes_no bool; choice and category the id. `approximate`: "há 3 anos" names no day.
    `contested`: other words had filled the slot before, with another value; it fills nothing until the person says
    which is right.
    """

    slot: str
    value: Any
    start: int
    end: int
    source: str
    approximate: bool = False
    contested: bool = False


@dataclass(frozen=True, slots=True)
class Alarm:
    """A danger (red flag) that characters `start` to `end` of a message hint at; heard by its meaning, by no rule."""

    flag: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the client and what became of it. The interview is the fold of these.

    `question` is what it answered (None: the opening, or words nobody asked for); `next_question` what was
    asked in return (None: nothing more). `alarms` are what was heard when it was said (None: nobody who could
    hear was there). Stored as one Answer row; never parsed again.
    """

    message_id: str
    text: str
    at: datetime
    kind: TurnKind
    question: str | None
    readings: tuple[Reading, ...]
    next_question: str | None
    alarms: tuple[Alarm, ...] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A filled slot and where it came from."""

    value: Any
    evidence: Evidence
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class Utterance:
    """`settled`: from where to where these words answered a closed question (None: they are free words).

    Such words say what was asked: they speak for no category ("avalista" answers who signed, and tells of no debt).
    Danger, factors and urgency are heard in them as anywhere; but a short one hints at nothing.
    `alarms`: as of `Turn`.
    """

    message_id: str
    text: str
    settled: tuple[int, int] | None = None
    alarms: tuple[Alarm, ...] | None = None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Facts:
    """Everything an analyzer may look at. `utterances` leave out words that were corrected since.

    `now` is the time of the last message: an analysis repeated tomorrow says the same. `version`: the key of the
    FlowVersion, by which what was learnt from the flow is found (0: it was never loaded).
    """

    flow: Flow
    language: str
    now: datetime
    slots: Mapping[str, Known]
    utterances: tuple[Utterance, ...]
    version: int = 0

    @property
    def chosen_category(self) -> Known | None:
        """The category that the person named when asked; nothing is louder."""
        ids = {category.id for category in self.flow.categories}
        named = (self.slots.get(slot.id) for slot in self.flow.slots if slot.kind == "category")
        return next((known for known in named if known is not None and known.value in ids), None)


@dataclass(frozen=True, slots=True)
class Scored:
    """An id (category, factor, red flag) with its strength and the words that speak for it."""

    id: str
    score: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """An example that the words are like, and its category; `similarity` is 1 for the same."""

    example: str
    category: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What an analysis was paid for: tokens, and US dollars (None: the price is not known)."""

    tokens_in: int = 0
    tokens_out: int = 0
    dollars: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Sure:
    """From which calibrated probability of its best category on nobody needs to look, and somebody may act at once.

    What the flow wants (`analysis.accuracy`, `analysis.act_accuracy`), as probabilities at which that was reached.
    """

    review_below: float
    act_above: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What one analyzer saw. `categories` are sorted, best first, scores sum to at most 1.

    `calibrated`: the scores are probabilities: of those at 0.8 four in five are right. `in_scope`: the probability that
    this is a case for the flow at all (None: the analyzer cannot tell). `level`: its own opinion of the
    complexity, if it has one. `notes`: stable codes for who reads the stages, such as `tfidf_only`, `reused`.
    `nearest`: the examples that speak for the best category or against it, nearest first.
    """

    analyzer: str
    categories: tuple[Scored, ...]
    factors: tuple[Scored, ...]
    red_flags: tuple[Scored, ...]
    sentiment: Literal["positive", "neutral", "negative"]
    keywords: tuple[str, ...]
    calibrated: bool = False
    sure: Sure | None = None
    in_scope: float | None = None
    level: Level | None = None
    cost: Cost = field(default_factory=Cost)
    notes: tuple[str, ...] = ()
    nearest: tuple[Likeness, ...] = ()


class Analyzer(Protocol):
    """Reads facts, returns a finding. Pure for `rules`; others may take time and cost money."""

    name: str

    def analyse(self, facts: Facts) -> Finding: ...


class Listener(Analyzer, Protocol):
    """The analyzer of an interview, which listens to each message when it is said."""

    def alarms(self, facts: Facts, said: Utterance) -> tuple[Alarm, ...] | None:
        """The dangers that an utterance of these facts hints at; None: that cannot be heard now."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the case looks like now, ready for people; the lists hold JSON objects.

    category {id, title, code, evidence[]}; alternatives [{id, title, code, score}];
    factors [{id, title, weight, evidence[]}]; urgency {level, title, hours, deadline, reason, evidence[]};
    red_flags [{id, title, advice, numbers: [{number, title}], evidence[]}];
    understood [{slot, title, value, text, evidence}]; missing [slot ids still worth asking].
    """

    category: dict[str, Any]
    alternatives: list[dict[str, Any]]
    level: Level
    score: float
    confidence: float
    factors: list[dict[str, Any]]
    urgency: dict[str, Any]
    red_flags: list[dict[str, Any]]
    understood: list[dict[str, Any]]
    missing: list[str] = field(default_factory=list)

    @property
    def urgency_level(self) -> UrgencyLevel:
        level: UrgencyLevel = self.urgency["level"]
        return level
