"""The one write path: every change of a case is a verb here, and nothing else saves one.

Verbs are synchronous, keyword-only and short. Each reads, decides (purely, outside any transaction), then
commits the state, its events and the work they cause in one transaction if nothing moved meanwhile; else it
decides again. Hints and the memory follow after the commit and may fail without harm.
"""

from __future__ import annotations

from triage.orchestrator.alerting import acknowledge_alert, mail_alerts
from triage.orchestrator.batching import cancel_batch, create_batch, pause_batch, resume_batch, start_batch
from triage.orchestrator.ending import cancel, clean_up, erase, expire_idle, force_complete
from triage.orchestrator.feeding import feed_batches, tend_batches
from triage.orchestrator.opening import open_case
from triage.orchestrator.overriding import approve_correction, override, reject_correction
from triage.orchestrator.prioritising import set_priority, set_priority_of_run, tell_places
from triage.orchestrator.rescuing import hand_back, rescue
from triage.orchestrator.retaining import forget_old
from triage.orchestrator.retrying import (
    LONGEST_REASON,
    Retried,
    dead_letters,
    discard_run,
    retry,
    retry_matching,
    retry_run,
    retry_runs,
)
from triage.orchestrator.returning import admit_guest, issue_return_code, keep_contact
from triage.orchestrator.running import analyse, take
from triage.orchestrator.talking import answer
from triage.orchestrator.turns import LONGEST_MESSAGE, TurnOutcome, forget_old_keys

__all__ = [
    "LONGEST_MESSAGE",
    "LONGEST_REASON",
    "Retried",
    "TurnOutcome",
    "acknowledge_alert",
    "admit_guest",
    "analyse",
    "answer",
    "approve_correction",
    "cancel",
    "cancel_batch",
    "clean_up",
    "create_batch",
    "dead_letters",
    "discard_run",
    "erase",
    "expire_idle",
    "feed_batches",
    "force_complete",
    "forget_old",
    "forget_old_keys",
    "hand_back",
    "issue_return_code",
    "keep_contact",
    "mail_alerts",
    "open_case",
    "override",
    "pause_batch",
    "reject_correction",
    "rescue",
    "resume_batch",
    "retry",
    "retry_matching",
    "retry_run",
    "retry_runs",
    "set_priority",
    "set_priority_of_run",
    "start_batch",
    "take",
    "tell_places",
    "tend_batches",
]
