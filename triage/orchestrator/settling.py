"""What became of rows that were told, by the states of their cases."""

from __future__ import annotations

import contextlib

from django.db.models import F

from triage.access import Actor
from triage.batches.models import BatchRow
from triage.errors import CaseBusy, CaseNotFound, TransitionRefused
from triage.models import Case
from triage.orchestrator.ending import cancel

OUTCOMES = (Case.State.COMPLETED, Case.State.FAILED, Case.State.CANCELLED)
TOGETHER = 500  # rows


def settle_rows(*states: BatchRow.State) -> None:
    """What became of the cases of rows in these states: of those that were told, and of failed ones tried again."""
    rows = BatchRow.objects.filter(state__in=states)
    over = rows.filter(case__state__in=OUTCOMES).exclude(case__state=F("state"))
    found: dict[str, list[int]] = {}
    for row_id, outcome in over.values_list("pk", "case__state")[:TOGETHER]:
        found.setdefault(outcome, []).append(row_id)
    for outcome, row_ids in found.items():
        BatchRow.objects.filter(pk__in=row_ids).update(state=outcome)
    # Nobody has the result of a case that was cancelled or erased: it may be told again.
    if Case.State.CANCELLED in found:
        BatchRow.objects.filter(pk__in=found[Case.State.CANCELLED]).update(identity=None)
    if rows.filter(state=BatchRow.State.TOLD, case=None).exists():
        rows.filter(state=BatchRow.State.TOLD, case=None).update(state=BatchRow.State.CANCELLED, identity=None)


def cancel_told(actor: Actor, batch_id: str) -> None:
    """Cancel the cases of a cancelled batch; the sweeper repeats it for those that were told at that very moment."""
    told = BatchRow.objects.filter(batch_id=batch_id, state=BatchRow.State.TOLD).exclude(case=None)
    for case_id in told.values_list("case_id", flat=True):
        with contextlib.suppress(CaseBusy, CaseNotFound, TransitionRefused):
            cancel(actor=actor, case_id=str(case_id), reason="batch_cancelled")
