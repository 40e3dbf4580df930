"""What becomes of a run whose attempt did not get through: tried again after a pause, or a dead letter."""

from __future__ import annotations

from django.db import transaction

from triage import retries, runs
from triage.errors import FlowInvalid
from triage.events import TriageFailed
from triage.flows.loader import flow_of
from triage.flows.schema import Analysis
from triage.models import Case, TriageRun
from triage.orchestrator.commit import move, settle
from triage.orchestrator.steps import first_missing


def fail_attempt(claim: runs.Claim, error: Exception, where: str) -> None:
    """Give the run back after a pause, or say that it failed. Raises LeaseLost."""
    failure = stopped(claim.run_id, type(error).__name__, where)

    def attempt() -> None:
        case = Case.objects.get(pk=claim.case_id)
        policy = _policy(case)
        with transaction.atomic():
            run = runs.hold(claim)
            wait = retries.wait(error, run.step_failures + 1, policy)
            if run.cancel_requested:
                runs.close_run(claim, TriageRun.State.CANCELLED, failure=failure)
            elif wait is not None and runs.has_time(claim, retries.budget(policy)):
                runs.give_back(claim, after=wait, failure=failure if retries.counts(error) else None)
            else:
                runs.close_run(claim, TriageRun.State.FAILED, failure=failure)
                retryable = not retries.is_permanent(error)
                move(case, [failed(case, claim.attempts, retryable=retryable)], state=Case.State.FAILED)

    settle(attempt)


def stopped(run_id: str, error: str, detail: str = "") -> runs.Failure:
    """An attempt that ended at the first step without a result."""
    return runs.Failure(first_missing(runs.finished_steps(run_id)), error, detail)


def failed(case: Case, attempts: int, *, retryable: bool) -> TriageFailed:
    try:
        message = flow_of(case.flow_id).phrases.failed[case.language]
    except FlowInvalid:  # the flow may be what failed
        message = ""
    return TriageFailed(code="analysis_failed", message=message, retryable=retryable, attempts=attempts)


def _policy(case: Case) -> Analysis:
    try:
        return flow_of(case.flow_id).analysis
    except FlowInvalid:
        return Analysis()
