"""The analysis in the background: a run as a pipeline of small named steps.

Each step's result is written once, together with the event that announces it, under the worker's fencing number.
Whoever takes the run over continues at the first step without a result.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Collection

import structlog
from django.db import transaction
from django.db.models.functions import Now

from conversations import transcript
from triage import forecast, runs
from triage.analysis.base import Facts
from triage.analysis.codecs import ASSESSMENT
from triage.analysis.overruling import result_with
from triage.board import spending
from triage.events import TriageCompleted, TriageUpdate
from triage.flows.loader import flow_of
from triage.models import Case, TriageRun
from triage.orchestrator.alerting import raise_alerts
from triage.orchestrator.commit import Moved, commit, move, settle
from triage.orchestrator.failing import fail_attempt
from triage.orchestrator.recollection import facts_of
from triage.orchestrator.ruling import assessment_event, ruling_of
from triage.orchestrator.steps import STEPS, Outputs

log = structlog.get_logger(__name__)


class RunCancelled(Exception):
    """Somebody cancelled the case while it was analysed."""


ANNOUNCED = {"": "gathering", "understand": "assessing", "assess": "composing"}
"""After a step ("": before the first): the phrase with which the next one is announced."""


def take(*, lane: str, owner: str) -> runs.Claim | None:
    """Claim the best due run of a lane; None when nothing is due.

    Nothing else happens in this transaction, so that a run that cannot even begin uses up its attempts
    instead of standing in everybody's way.
    """
    with transaction.atomic():
        return runs.claim(lane, owner)


def analyse(*, claim: runs.Claim) -> None:
    """Carry a claimed run to its end: completed, cancelled, given back for another attempt, or failed."""
    with runs.renewed(claim):
        try:
            _attempt(claim)
        except (runs.LeaseLost, Case.DoesNotExist):  # taken over, or erased
            log.warning("lease_lost", run=claim.run_id, fence=claim.fence)


def _attempt(claim: runs.Claim) -> None:
    try:
        _perform_steps(claim, begin(claim))
    except RunCancelled:
        with transaction.atomic():
            runs.close_run(claim, TriageRun.State.CANCELLED)
    except (runs.LeaseLost, Case.DoesNotExist):
        raise
    except Exception as error:
        # Without the error's own text, which may quote what a person said.
        where = "".join(traceback.format_tb(error.__traceback__, limit=-20))
        log.error("attempt_failed", run=claim.run_id, attempt=claim.attempts, error=type(error).__name__, where=where)
        fail_attempt(claim, error, where)


def begin(claim: runs.Claim) -> Case:
    """Show the case as being analysed, at the first attempt."""

    def attempt() -> Case:
        case = Case.objects.get(pk=claim.case_id)
        update = _update(case, "", ())
        with transaction.atomic():
            _hold(claim)
            if case.state not in (Case.State.QUEUED, Case.State.ANALYSING):  # nobody waits for it any more
                raise RunCancelled
            if case.state == Case.State.QUEUED:
                commit(case, [update], state=Case.State.ANALYSING)
        return case

    return settle(attempt)


def _hold(claim: runs.Claim, step: runs.Finished | None = None) -> None:
    """Keeps the step's result. Raises LeaseLost, RunCancelled."""
    run = runs.finish_step(claim, step) if step else runs.hold(claim)
    if run.cancel_requested:
        raise RunCancelled


def _perform_steps(claim: runs.Claim, case: Case) -> None:
    facts = facts_of(case)
    done = runs.finished_steps(claim.run_id) if claim.is_repeated else {}
    outputs: Outputs = {name: step.output for name, step in done.items()}
    last = None
    for name, step in STEPS.items():
        if name not in outputs:
            begun = time.monotonic()
            outputs[name] = step(facts, outputs)
            last = runs.Finished(name, outputs[name], round((time.monotonic() - begun) * 1000))
            if name in ANNOUNCED:
                _finish_step(claim, case, last, outputs)
                last = None
    _deliver(claim, case, facts, outputs, last)


def _settle(case: Case, attempt: Callable[[], None]) -> None:
    """`settle` for a case that stands as the step before left it: it is read again only when somebody moved it."""

    def afresh() -> None:
        try:
            attempt()
        except Moved:
            case.refresh_from_db()
            raise

    settle(afresh)


def _finish_step(claim: runs.Claim, case: Case, step: runs.Finished, outputs: Outputs) -> None:
    def attempt() -> None:
        update = _update(case, step.name, outputs)
        with transaction.atomic():
            _hold(claim, step)
            spending.count(step.output.get("stages", ()))
            commit(case, [update])

    _settle(case, attempt)


def _deliver(claim: runs.Claim, case: Case, facts: Facts, outputs: Outputs, last: runs.Finished | None) -> None:
    """Completed: result, columns, events and the end of the run in one transaction.

    What staff decided meanwhile, or before, is laid over it. Nothing announces the `last` step but this, so its
    result is kept here as well.
    """
    assessment = ASSESSMENT.validate_python(outputs["assess"])

    def attempt() -> None:
        ruled = ruling_of(case, assessment)
        result = result_with(outputs["compose"], facts, ruled.overrides)
        events = [*ruled.ended, assessment_event(ruled.assessment or assessment), TriageCompleted(result=result)]
        with transaction.atomic():
            _hold(claim, last)
            runs.close_run(claim, TriageRun.State.COMPLETED)
            move(case, events, state=Case.State.COMPLETED, result=result, completed_at=Now(), **ruled.columns)
            raise_alerts(case, flow_of(case.flow_id), assessment)
            transcript.close(case.conversation_id)

    _settle(case, attempt)


def _update(case: Case, after: str, done: Collection[str]) -> TriageUpdate:
    """What people are told once the step `after` is done."""
    flow, phrase = flow_of(case.flow_id), ANNOUNCED[after]
    words: dict[str, str] = getattr(flow.phrases, phrase)
    history = forecast.history_of(flow.id, STEPS)
    return TriageUpdate(
        message=words[case.language],
        progress=forecast.progress(done, STEPS, history),
        stage=phrase,
        remaining_seconds=forecast.remaining(done, STEPS, history),
    )
