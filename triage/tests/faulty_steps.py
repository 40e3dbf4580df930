"""Steps that fail on purpose, and runs as a worker takes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models.functions import Now

from triage import orchestrator, runs
from triage.access import SYSTEM
from triage.models import Case, TriageRun
from triage.orchestrator.steps import STEPS
from triage.tests.cast import make_case


def queued_case(text: str = "A crash on the street") -> Case:
    case = make_case(text=text)
    return orchestrator.force_complete(actor=SYSTEM, case_id=case.pk)


@contextmanager
def failing(step: str, error: Exception) -> Iterator[None]:
    """Within, the step raises."""

    def fail(*_: Any) -> Any:
        raise error

    healthy, STEPS[step] = STEPS[step], fail
    try:
        yield
    finally:
        STEPS[step] = healthy


def taken() -> runs.Claim:
    claim = orchestrator.take(lane="interactive", owner="test")
    assert claim is not None
    return claim


def tried(case: Case, times: int = 1) -> TriageRun:
    """The case's run after so many more attempts, without the pauses between them."""
    for _ in range(times):
        TriageRun.objects.filter(case=case).update(next_attempt_at=Now())
        orchestrator.analyse(claim=taken())
    case.refresh_from_db()
    return TriageRun.objects.filter(case=case).latest("created_at")


def failed_case(step: str = "assess", error: Exception | None = None) -> Case:
    """A case whose analysis failed for good at `step`."""
    case = queued_case()
    with failing(step, error or TypeError("a mistake")):
        tried(case)
    assert case.state == Case.State.FAILED
    return case
