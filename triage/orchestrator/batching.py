"""Batches: taken in and checked as a whole, then started, paused, resumed, cancelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations import transcript
from triage import broadcast
from triage.access import Actor, allow_staff
from triage.batches.access import access_batch
from triage.batches.checking import Checked, Checker, columns_of
from triage.batches.models import Batch, BatchRow
from triage.batches.reading import read_records, unreadable
from triage.errors import TooBig, TransitionRefused
from triage.flows.loader import choose_language, current_version, flow_of
from triage.models import FlowVersion, TriageRun
from triage.orchestrator.settling import cancel_told, settle_rows

Portions = Iterable[list[Checked]]
Watch = Callable[[list[Checked]], None]


def create_batch(
    *, actor: Actor, flow_id: str, language: str | None, file: IO[bytes], name: str, watch: Watch | None = None
) -> Batch:
    """Take in a file and check all of it; nothing is told before `start_batch`.

    Portions of rows have a transaction each, so that nobody waits for a big file; of one that cannot be read
    nothing stays. `watch` sees each portion.
    Raises NotSignedIn, NotAllowed, UnknownFlow, UnknownLanguage, TooBig, InvalidInput.
    """
    version, language, portions = check_file(actor=actor, flow_id=flow_id, language=language, file=file, name=name)
    batch = Batch.objects.create(
        owner_id=actor.user_id, flow=version, language=language, file_name=transcript.storable(name)[-200:]
    )
    try:
        for portion in portions:
            _keep(batch, portion)
            if watch is not None:
                watch(portion)
        _move(batch, [Batch.State.VALIDATING], Batch.State.READY)
    except BaseException:
        drop_batch(batch)
        raise
    return batch


def check_file(
    *, actor: Actor, flow_id: str, language: str | None, file: IO[bytes], name: str
) -> tuple[FlowVersion, str, Portions]:
    """The flow, the language, and the rows as they are checked; nothing is kept. Raises as `create_batch`."""
    allow_staff(actor, to_change=True)
    version = current_version(flow_id)
    flow = flow_of(version.pk)
    language = choose_language(flow, language)
    if file.seek(0, 2) > settings.BATCH_MOST_BYTES:
        raise TooBig(_("A file may have %(most)s MB.") % {"most": settings.BATCH_MOST_BYTES // 1024 // 1024})
    checker = Checker(flow, language, actor.user_id, timezone.now())
    return version, language, _counted(checker.check(read_records(file, name, columns_of(flow))))


def start_batch(*, actor: Actor, batch_id: str, skip_bad: bool = False) -> Batch:
    """Raises TransitionRefused when it is not ready, or has rows with mistakes that nobody said to skip."""
    batch = access_batch(actor, batch_id, to_change=True)
    if not skip_bad and batch.rows.filter(state=BatchRow.State.INVALID).exists():
        raise TransitionRefused("Some rows have mistakes: correct the file, or start without these rows.")
    return _wake(_move(batch, [Batch.State.READY], Batch.State.RUNNING, started_at=Now()))


def pause_batch(*, actor: Actor, batch_id: str) -> Batch:
    """No row is told from now on; the few that were told already are analysed. Pausing twice is once."""
    batch = access_batch(actor, batch_id, to_change=True)
    if batch.state == Batch.State.PAUSED:
        return batch
    return _move(batch, [Batch.State.RUNNING], Batch.State.PAUSED)


def resume_batch(*, actor: Actor, batch_id: str) -> Batch:
    batch = access_batch(actor, batch_id, to_change=True)
    if batch.state == Batch.State.RUNNING:
        return batch
    batch = _move(batch, [Batch.State.PAUSED], Batch.State.RUNNING)
    batch.rows.exclude(claim="").update(claim="", claimed_until=None)  # what the pause surprised
    return _wake(batch)


def cancel_batch(*, actor: Actor, batch_id: str) -> Batch:
    """Tell no more rows, forget their words, and cancel the cases under way; what is completed stays."""
    batch = access_batch(actor, batch_id, to_change=True)
    if batch.state == Batch.State.CANCELLED:
        return batch
    with transaction.atomic():
        unfinished = [Batch.State.READY, Batch.State.RUNNING, Batch.State.PAUSED]
        _move(batch, unfinished, Batch.State.CANCELLED, finished_at=Now())
        batch.rows.filter(state=BatchRow.State.WAITING).update(state=BatchRow.State.CANCELLED, text="", slots={})
    cancel_told(actor, batch.pk)
    settle_rows(BatchRow.State.TOLD)
    return batch


def drop_batch(batch: Batch) -> None:
    """A batch of which nothing was told."""
    batch.rows.all().delete()
    batch.delete()


def _counted(portions: Portions) -> Portions:
    """Raises TooBig for too many rows, InvalidInput for none."""
    rows = 0
    for portion in portions:
        rows += len(portion)
        if rows > settings.BATCH_MOST_ROWS:
            raise TooBig(_("A file may have %(most)s rows.") % {"most": settings.BATCH_MOST_ROWS})
        yield portion
    if not rows:
        raise unreadable(_("The file has no rows."))


def _keep(batch: Batch, portion: list[Checked]) -> None:
    with transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(touched_at=Now())
        BatchRow.objects.bulk_create(
            BatchRow(
                batch=batch,
                line=row.line,
                external_id=row.external_id,
                text=row.text if row.state == BatchRow.State.WAITING else "",
                slots=row.slots if row.state == BatchRow.State.WAITING else {},
                state=row.state,
                problems=row.problems,
            )
            for row in portion
        )


def _move(batch: Batch, before: list[Batch.State], after: Batch.State, **columns: object) -> Batch:
    """Raises TransitionRefused."""
    if not Batch.objects.filter(pk=batch.pk, state__in=before).update(state=after, **columns):
        raise TransitionRefused("The batch cannot do that in its present state.")
    batch.refresh_from_db(fields=["state", *columns])
    return batch


def _wake(batch: Batch) -> Batch:
    broadcast.work_due(TriageRun.Lane.BATCH)
    return batch
