"""Rows of running batches become cases, a few at a time, when the batch lane has nothing else to do.

So there are never many runs of a batch under way, pausing works at once, and no queue grows. Each row is told in one
transaction that takes it, opens the case, notes the case on the row and queues the run: whatever is killed, a row
was told with all that follows, or was not told.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from conversations.ids import new_id
from triage import broadcast, lanes, runs
from triage.access import SYSTEM
from triage.batches.checking import asked, identity_of, questions_of, said
from triage.batches.models import Batch, BatchRow
from triage.events import Event
from triage.flows import engine
from triage.flows.loader import flow_of
from triage.flows.schema import Flow
from triage.models import Case, TriageRun
from triage.orchestrator.alerting import raise_alerts
from triage.orchestrator.batching import drop_batch
from triage.orchestrator.commit import move
from triage.orchestrator.opening import create_case, started
from triage.orchestrator.recollection import analyzer
from triage.orchestrator.ruling import assessment_columns, pressing
from triage.orchestrator.settling import cancel_told, settle_rows
from triage.orchestrator.turns import storable, write_words

log = structlog.get_logger(__name__)

PORTION = 5  # rows; people who come meanwhile wait for as many to be opened
MOST_UNDER_WAY = 100  # rows of one batch that were told and wait, perhaps because the analysis fails
LEASE = timedelta(seconds=12)  # to tell a portion
MOST_ATTEMPTS = 3
LEFT_BEHIND = timedelta(minutes=10)  # an upload that was not finished


class _NotWaiting(Exception):
    """The row was told by somebody else, or its batch does not run any more."""


@dataclass(frozen=True, slots=True)
class _Telling:
    """A row as it will be told: decided before the transaction."""

    row: BatchRow
    batch: Batch
    flow: Flow
    steps: Sequence[engine.Step]


def feed_batches() -> int:
    """Tell the next rows of the batch that waited longest; returns how many were dealt with, 0 when none can be."""
    settle_rows(BatchRow.State.TOLD)
    for batch in Batch.objects.filter(state=Batch.State.RUNNING).select_related("flow").order_by("touched_at"):
        if rows := _claim(batch):
            for row in rows:
                _deal_with(row, batch)
            return len(rows)
    _finish()
    return 0


def tend_batches() -> int:
    """What crashes and lost messages leave behind; safe to repeat. Returns how many batches run."""
    settle_rows(BatchRow.State.TOLD, BatchRow.State.FAILED)
    _finish()
    told = BatchRow.objects.filter(batch=OuterRef("pk"), state=BatchRow.State.TOLD)
    for cancelled in Batch.objects.filter(Exists(told), state=Batch.State.CANCELLED):
        cancel_told(SYSTEM, cancelled.pk)
    for left in Batch.objects.filter(state=Batch.State.VALIDATING, touched_at__lt=Now() - LEFT_BEHIND):
        drop_batch(left)
    running = Batch.objects.filter(state=Batch.State.RUNNING).count()
    if running:
        broadcast.work_due(TriageRun.Lane.BATCH)
    return running


def _claim(batch: Batch) -> list[BatchRow]:
    """The next rows, for this worker alone while the lease lasts; none while enough are under way."""
    told = batch.rows.filter(state=BatchRow.State.TOLD).count()
    if told >= MOST_UNDER_WAY:
        return []
    token = new_id("feed")
    free = Q(claimed_until=None) | Q(claimed_until__lt=Now())
    waiting = BatchRow.objects.filter(free, batch=batch, state=BatchRow.State.WAITING)
    with transaction.atomic():
        locked = waiting.select_for_update(skip_locked=True).order_by("line")
        first = list(locked.values_list("pk", flat=True)[:PORTION])
        if not first or not waiting.filter(pk__in=first).update(claim=token, claimed_until=Now() + LEASE):
            return []
    # Behind the transaction: who cancels locks the batch first and its rows then.
    Batch.objects.filter(pk=batch.pk).update(touched_at=Now())
    return list(BatchRow.objects.filter(pk__in=first, claim=token).order_by("line"))


def _deal_with(row: BatchRow, batch: Batch) -> None:
    """Tell the row; one that cannot be told, or takes its worker down, must not keep the others waiting."""
    if row.attempts >= MOST_ATTEMPTS:
        _give_up(row, "worker_lost")
        return
    if not _still_waiting(row).update(attempts=F("attempts") + 1):
        return
    try:
        _tell(_decide(row, batch))
    except _NotWaiting:  # paused: not the row's fault
        BatchRow.objects.filter(pk=row.pk, attempts__gt=0).update(attempts=F("attempts") - 1)
    except IntegrityError:
        identity = identity_of(batch.owner_id, batch.flow.flow, row.external_id)
        if identity is None or not BatchRow.objects.filter(identity=identity).exists():
            raise
        _still_waiting(row).update(state=BatchRow.State.SKIPPED, text="", slots={})
    except DatabaseError:
        raise
    except Exception as error:
        # Without the error's own text, which may quote what a person said.
        where = "".join(traceback.format_tb(error.__traceback__, limit=-20))
        log.error("row_not_told", batch=batch.pk, line=row.line, error=type(error).__name__, where=where)
        _give_up(row, type(error).__name__)


def _decide(row: BatchRow, batch: Batch) -> _Telling:
    """The text is the opening; each column answers its question, those that are asked anyway when they are asked."""
    flow, now = flow_of(batch.flow_id), timezone.now()
    questions, remaining = questions_of(flow), dict(row.slots)
    state = engine.begin(flow, batch.language, batch.flow_id)
    text, question = row.text, None
    steps = []
    while True:
        words = said(storable(text), now, question, id_=new_id("msg"), reply_id=new_id("msg"))
        steps.append(engine.step(state, words, analyzer()))
        state = steps[-1].state
        if not remaining:
            return _Telling(row, batch, flow, steps)
        open_slot = next((slot for slot in remaining if questions[slot].id == state.current), None)
        slot = open_slot or next(iter(remaining))
        text, question = remaining.pop(slot), questions[slot].id
        state = asked(state, question)


@transaction.atomic
def _tell(telling: _Telling) -> None:
    """Take the row and open its case. Raises _NotWaiting, or IntegrityError when its identity was told before."""
    row, batch, steps = telling.row, telling.batch, telling.steps
    identity = identity_of(batch.owner_id, batch.flow.flow, row.external_id)
    if not _still_waiting(row).update(
        state=BatchRow.State.TOLD, identity=identity, text="", slots={}, claim="", claimed_until=None
    ):
        raise _NotWaiting
    case = create_case(SYSTEM, batch.flow, telling.flow, batch.language, consented=False)
    columns = assessment_columns(steps[-1].state.assessment)
    place = lanes.place_of(case, lane=TriageRun.Lane.BATCH, **pressing(columns))
    events: list[Event] = [started(case, telling.flow)]
    events += [event for step in steps for event in step.events]
    move(case, [*events, place.event], state=Case.State.QUEUED, **columns)
    for number, step in enumerate(steps, start=1):
        write_words(case, step, number=number, at=step.turn.at)
    raise_alerts(case, telling.flow, steps[-1].state.assessment)
    runs.open_run(case, place)
    BatchRow.objects.filter(pk=row.pk).update(case=case)


def _still_waiting(row: BatchRow) -> QuerySet[BatchRow]:
    """The row, as long as this worker may tell it.

    Its own columns are compared in the UPDATE itself, without a join: of two at once the second then sees what the
    first wrote.
    """
    running = Batch.objects.filter(state=Batch.State.RUNNING)
    return BatchRow.objects.filter(pk=row.pk, claim=row.claim, state=BatchRow.State.WAITING, batch__in=running)


def _give_up(row: BatchRow, reason: str) -> None:
    problem = {"code": "not_told", "value": reason}
    _still_waiting(row).update(state=BatchRow.State.FAILED, problems=[problem], text="", slots={})


def _finish() -> None:
    """Batches of which no row waits or is under way."""
    unfinished = [BatchRow.State.WAITING, BatchRow.State.TOLD]
    open_rows = BatchRow.objects.filter(batch=OuterRef("pk"), state__in=unfinished)
    running = Batch.objects.filter(~Exists(open_rows), state=Batch.State.RUNNING)
    if running.exists():
        running.update(state=Batch.State.COMPLETED, finished_at=Now())
