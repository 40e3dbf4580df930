"""Forgetting what has served its time, if whoever runs this wants that."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from triage import runs
from triage.models import Batch, Case
from triage.orchestrator.ending import forget_memory
from triage.orchestrator.overriding import unlearn

log = structlog.get_logger(__name__)

PORTION = 500  # cases of one round
OVER = (Case.State.COMPLETED, Case.State.CANCELLED, Case.State.FAILED, Case.State.EXPIRED)


def forget_old() -> int:
    """Erase cases that were over and untouched for RETENTION_DAYS, and batches that ended so long ago; returns how many
    cases. 0 days: nothing. Two rounds at once erase each case once.
    """
    if not settings.RETENTION_DAYS:
        return 0
    limit = timezone.now() - timedelta(days=settings.RETENTION_DAYS)
    old = Case.objects.filter(state__in=OVER, updated_at__lt=limit, conversation__last_said_at__lt=limit)
    erased = sum(_erase(case) for case in old.select_related("conversation").order_by("pk")[:PORTION])
    Batch.objects.filter(state__in=[Batch.State.COMPLETED, Batch.State.CANCELLED], finished_at__lt=limit).delete()
    if erased:
        log.info("old_cases_erased", count=erased)
    return erased


def _erase(case: Case) -> bool:
    """False when somebody took it up again, or erased it, meanwhile."""
    with transaction.atomic():
        runs.lock_runs(case.pk)
        if not Case.objects.select_for_update().filter(pk=case.pk, version=case.version).exists():
            return False
        unlearn(case)
        case.conversation.delete()
    forget_memory(case)
    return True
