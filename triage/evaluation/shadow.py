"""Past cases analysed again by another version of their flow, beside the old one. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from triage.analysis import overruling
from triage.analysis.assess import assess
from triage.analysis.base import Analyzer, Facts, Reading, Turn
from triage.errors import FlowInvalid
from triage.flows import engine
from triage.flows.loader import flow_of, parsed
from triage.flows.schema import Flow, Slot
from triage.models import Case, Correction, FlowVersion
from triage.orchestrator.recollection import turns_of

FIELDS = overruling.FIELDS


@dataclass(frozen=True, slots=True)
class CaseChange:
    """`fields`: what one version says and what the other, for those that differ."""

    case_id: str
    fields: dict[str, tuple[str, str]]


@dataclass(slots=True)
class Agreement:
    """Among cases in which staff corrected this field: how often each version says what they said."""

    cases: int = 0
    old_right: int = 0
    new_right: int = 0


@dataclass(slots=True)
class Shadow:
    """`changed`: how many cases differ, by field; `human`: whom the staff would agree with, by field."""

    cases: int = 0
    unreadable: int = 0
    changes: list[CaseChange] = field(default_factory=list)
    changed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    human: dict[str, Agreement] = field(default_factory=lambda: {name: Agreement() for name in FIELDS})

    def add(self, case_id: str, old: dict[str, str], new: dict[str, str], decided: dict[str, str]) -> None:
        self.cases += 1
        differ = {name: (old[name], new[name]) for name in FIELDS if old[name] != new[name]}
        if differ:
            self.changes.append(CaseChange(case_id, differ))
        for name in differ:
            self.changed[name] += 1
        for name, said in decided.items():
            told = self.human[name]
            told.cases += 1
            told.old_right += old[name] == said
            told.new_right += new[name] == said


def shadow(new: FlowVersion, *, against: FlowVersion | None, analyzer: Analyzer, limit: int) -> Shadow:
    """The newest `limit` cases in which anything was told, by `new` and by `against` (None: each case's own version).

    Both sides are analysed now, by the same analyzer: what differs comes from the flow, and from what was learnt
    from each version of it, as far as that is kept.
    """
    told = Case.objects.filter(flow__flow=new.flow, answers__isnull=False).distinct()
    cases = list(told.only("id", "flow_id", "language").order_by("-created_at", "pk")[:limit])
    decided = _decided([case.pk for case in cases])
    new_flow, old_flow = parsed(new), parsed(against) if against else None
    found = Shadow()
    for case in cases:
        turns = turns_of(case)
        try:
            own = flow_of(case.flow_id)
        except FlowInvalid:  # loaded by another release
            found.unreadable += 1
            continue
        pair = ((old_flow or own, against.pk if against else case.flow_id), (new_flow, new.pk))
        if any(case.language not in flow.languages for flow, _ in pair):
            found.unreadable += 1
            continue
        old, after = (values(facts_under(flow, own, case.language, turns, version), analyzer) for flow, version in pair)
        found.add(case.pk, old, after, decided.get(case.pk, {}))
    return found


def values(facts: Facts, analyzer: Analyzer) -> dict[str, str]:
    """Category, complexity and urgency as the flow of these facts sees the case."""
    assessment = assess(facts, analyzer.analyse(facts))
    return {name: overruling.value_of(assessment, name) for name in FIELDS}


def facts_under(flow: Flow, own: Flow, language: str, turns: Sequence[Turn], version: int = 0) -> Facts:
    """What was said, as another version than the case's own knows it: what it has no place for are words to it.

    Hints of danger are heard anew, by what was learnt of that version.
    """
    kept = _slots_alike(flow, own)
    questions = {question.id for question in flow.questions}
    fitting = tuple(
        replace(
            turn,
            question=turn.question if turn.question in questions else None,
            next_question=turn.next_question if turn.next_question in questions else None,
            readings=tuple(reading for reading in turn.readings if _fits(flow, kept.get(reading.slot), reading)),
            alarms=None,
        )
        for turn in turns
    )
    return replace(engine.begin(flow, language, version), turns=fitting).facts(turns[-1].at)


def _slots_alike(flow: Flow, own: Flow) -> dict[str, Slot]:
    kinds = {slot.id: slot.kind for slot in own.slots}
    return {slot.id: slot for slot in flow.slots if kinds.get(slot.id) == slot.kind}


def _fits(flow: Flow, slot: Slot | None, reading: Reading) -> bool:
    """A choice or a category must be one that this version still has."""
    if slot is None or slot.kind not in ("choice", "category"):
        return slot is not None
    entries = slot.choices if slot.kind == "choice" else flow.categories
    return reading.value in [entry.id for entry in entries]


def _decided(case_ids: list[str]) -> dict[str, dict[str, str]]:
    """By case and field, what staff say instead; those rejected count too, for they are only not to be learnt from."""
    rows = Correction.objects.filter(case__in=case_ids).exclude(status=Correction.Status.WITHDRAWN)
    decided: dict[str, dict[str, str]] = {}
    for case_id, name, new in rows.order_by().values_list("case_id", "field", "new"):
        decided.setdefault(case_id, {})[name] = new
    return decided
