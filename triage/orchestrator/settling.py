"""What became of rows that were told, by the states of their cases."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from triage.access import Actor
from triage.batches.models import BatchRow
from triage.errors import CaseBusy, CaseNotFound, TransitionRefused
from triage.models import Case
from triage.orchestrator.ending import cancel

OUTCOMES = (Case.State.COMPLETED, Case.State.FAILED, Case.State.CANCELLED)
TOGETHER = 500  # rows


def settle_rows(*states: BatchRow.State) -> None:
    """What became of the cases of rows in these states: of those that were told, and of failed ones tried again.

    Costs as much as there are such rows, however many are done.
    """
    rows = BatchRow.objects.filter(state__in=states).order_by("pk")
    last = 0
    while portion := list(rows.filter(pk__gt=last).values_list("pk", "case_id", "state")[:TOGETHER]):
        last = portion[-1][0]
        _settle(portion)


def _settle(portion: Sequence[tuple[int, str | None, str]]) -> None:
    """Nobody has the result of a case that was cancelled or erased, so such a row may be told again."""
    case_ids = [case_id for _, case_id, _ in portion if case_id is not None]
    outcomes = dict(Case.objects.filter(pk__in=case_ids, state__in=OUTCOMES).values_list("pk", "state"))
    found: dict[str, list[int]] = {}
    for row_id, case_id, state in portion:
        erased = case_id is None and state == BatchRow.State.TOLD
        outcome = Case.State.CANCELLED if erased else outcomes.get(case_id or "", state)
        if outcome != state:
            found.setdefault(outcome, []).append(row_id)
    for outcome, row_ids in found.items():
        freed = {"identity": None} if outcome == Case.State.CANCELLED else {}
        BatchRow.objects.filter(pk__in=row_ids).update(state=outcome, **freed)


def cancel_told(actor: Actor, batch_id: str) -> None:
    """Cancel the cases of a cancelled batch; the sweeper repeats it for those that were told at that very moment."""
    told = BatchRow.objects.filter(batch_id=batch_id, state=BatchRow.State.TOLD).exclude(case=None)
    for case_id in told.values_list("case_id", flat=True):
        with contextlib.suppress(CaseBusy, CaseNotFound, TransitionRefused):
            cancel(actor=actor, case_id=str(case_id), reason="batch_cancelled")
