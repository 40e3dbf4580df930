"""Whatever a worker or the sweeper does at the same moment: a case that was cancelled is not analysed any more."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now

from triage import orchestrator, runs
from triage.access import SYSTEM
from triage.models import Case, TriageRun
from triage.tests.faulty_steps import queued_case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def cancelled_behind_the_back() -> Case:
    """As a worker leaves it that gives its run back while the case is cancelled."""
    case = queued_case()
    orchestrator.cancel(actor=SYSTEM, case_id=case.pk)
    TriageRun.objects.filter(case=case).update(state=TriageRun.State.QUEUED, finished_at=None)
    return case


def test_a_run_that_is_left_over_is_not_carried_out() -> None:
    case = cancelled_behind_the_back()
    claim = orchestrator.take(lane="interactive", owner="a worker")
    assert claim is not None
    orchestrator.analyse(claim=claim)
    assert Case.objects.get(pk=case.pk).state == Case.State.CANCELLED
    assert TriageRun.objects.get(case=case).state == TriageRun.State.CANCELLED


def test_a_sweep_that_saw_the_run_before_does_not_fail_the_case(monkeypatch: pytest.MonkeyPatch) -> None:
    case = queued_case()
    orchestrator.take(lane="interactive", owner="a worker that vanishes")
    lapsed_now = {"lease_until": Now() - runs.LEASE, "crashes": runs.MOST_CRASHES - 1}
    TriageRun.objects.filter(case=case).update(**lapsed_now)
    seen = runs.lapsed()

    def seen_before() -> list[TriageRun]:
        orchestrator.cancel(actor=SYSTEM, case_id=case.pk)
        return seen

    monkeypatch.setattr(runs, "lapsed", seen_before)
    orchestrator.rescue()
    assert Case.objects.get(pk=case.pk).state == Case.State.CANCELLED
    monkeypatch.undo()
    orchestrator.rescue()
    assert Case.objects.get(pk=case.pk).state == Case.State.CANCELLED
    assert TriageRun.objects.get(case=case).state == TriageRun.State.CANCELLED
