"""Batches belong to the staff: who may see all cases sees them, who may change all cases runs them."""

from __future__ import annotations

from triage.access import CASE_ID, Actor, allow_staff
from triage.batches.models import Batch
from triage.errors import BatchNotFound


def access_batch(actor: Actor, batch_id: str, *, to_change: bool = False) -> Batch:
    """Raises NotSignedIn, NotAllowed, BatchNotFound."""
    allow_staff(actor, to_change=to_change)
    if not CASE_ID.fullmatch(batch_id):
        raise BatchNotFound
    batch = Batch.objects.select_related("flow").defer("flow__document").filter(pk=batch_id).first()
    if batch is None:
        raise BatchNotFound
    return batch
