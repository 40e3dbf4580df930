"""Batches belong to the staff: who may see all cases sees them, who may change all cases runs them."""

from __future__ import annotations

from triage.access import CASE_ID, Actor
from triage.batches.models import Batch
from triage.errors import BatchNotFound, NotAllowed, NotSignedIn


def allow_batches(actor: Actor, *, to_change: bool = False) -> None:
    """Raises NotSignedIn, NotAllowed."""
    if not actor.is_known and not actor.is_system:
        raise NotSignedIn
    if not (actor.changes_all if to_change else actor.sees_all):
        raise NotAllowed


def access_batch(actor: Actor, batch_id: str, *, to_change: bool = False) -> Batch:
    """Raises NotSignedIn, NotAllowed, BatchNotFound."""
    allow_batches(actor, to_change=to_change)
    if not CASE_ID.fullmatch(batch_id):
        raise BatchNotFound
    batch = Batch.objects.select_related("flow").defer("flow__document").filter(pk=batch_id).first()
    if batch is None:
        raise BatchNotFound
    return batch
