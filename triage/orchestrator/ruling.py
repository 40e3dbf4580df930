"""Keeping to what staff decided when a turn or an analysis comes with a finding of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from triage.analysis import overruling
from triage.analysis.base import Assessment
from triage.events import AssessmentUpdated, CaseOverridden, ComplexityUpdate, Event
from triage.flows.loader import flow_of
from triage.models import Case


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is shown and stored. `ended` tells of overrides that a new danger put an end to."""

    assessment: Assessment | None
    overrides: dict[str, overruling.Override] = field(default_factory=dict)
    ended: list[Event] = field(default_factory=list)

    @property
    def columns(self) -> dict[str, Any]:
        columns = assessment_columns(self.assessment)
        return {**columns, "overrides": self.overrides} if self.overrides or self.ended else columns

    def told(self, events: Iterable[Event]) -> list[Event]:
        """The events of a turn, with the words of staff in place of those of the analysis."""
        return [self._told(event) for event in events] if self.overrides else list(events)

    def _told(self, event: Event) -> Event:
        assert self.assessment is not None
        if isinstance(event, AssessmentUpdated):
            return assessment_event(self.assessment)
        if isinstance(event, ComplexityUpdate) and "complexity" in self.overrides:
            level = self.assessment.level
            return replace(event, level=level, previous=event.previous and {**event.previous, "level": level})
        return event


def ruling_of(case: Case, found: Assessment | None) -> Ruling:
    """Of a new finding on `case`, as it was read."""
    if found is None or not case.overrides:
        return Ruling(found)
    kept = overruling.standing(found, case.overrides)
    ended: list[Event] = [
        CaseOverridden(
            field=name,
            old=override["new"],
            new=(value := overruling.value_of(found, name)),
            found=value,
            result=None,
            reason="A danger was told of that nobody knew when this was decided.",
            by="system",
        )
        for name, override in case.overrides.items()
        if name not in kept
    ]
    return Ruling(overruling.laid_over(flow_of(case.flow_id), case.language, found, kept), kept, ended)


def assessment_event(assessment: Assessment) -> AssessmentUpdated:
    return AssessmentUpdated(
        category=assessment.category,
        alternatives=assessment.alternatives,
        urgency=assessment.urgency,
        red_flags=assessment.red_flags,
        understood=assessment.understood,
        missing=assessment.missing,
    )


def assessment_columns(assessment: Assessment | None) -> dict[str, Any]:
    if assessment is None:
        return {}
    return {
        "category": assessment.category["id"],
        "complexity": assessment.level,
        "score": assessment.score,
        "confidence": assessment.confidence,
        "urgency": assessment.urgency_level,
        "deadline": assessment.urgency["deadline"],
        "red_flags": [flag["id"] for flag in assessment.red_flags],
    }


def pressing(columns: dict[str, Any]) -> dict[str, Any]:
    """Those of the columns that `lanes` asks for."""
    return {name: columns[name] for name in ("urgency", "deadline", "overrides") if name in columns}
