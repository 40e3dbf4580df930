"""Erasing a case leaves nothing of it, and touches no other."""

from __future__ import annotations

import threading

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from conversations.models import Conversation, Message
from triage import orchestrator, runs
from triage.access import SYSTEM
from triage.errors import NotAllowed
from triage.models import Answer, Case, CaseEvent, TriageRun
from triage.tests.cast import acting, alice, completed_case, make_case
from triage.tests.faulty_steps import queued_case
from triage_project.tests.faulty_valkey import FaultyValkey
from triage_project.tests.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def test_rows_and_memory_are_gone_and_other_cases_stay(valkey: FaultyValkey) -> None:
    kept = make_case()
    erased = completed_case()
    call_command("erase_case", erased.pk, "--yes", verbosity=0)
    assert list(Case.objects.all()) == [kept]
    assert list(Conversation.objects.all()) == [kept.conversation]
    assert not Message.objects.exclude(conversation=kept.conversation).exists()
    for rows in (CaseEvent, Answer, TriageRun):
        assert not rows.objects.exclude(case=kept).exists()
    with valkey.client() as client:
        assert not [key for key in client.scan_iter() if erased.conversation_id.encode() in key]


def test_an_owner_cannot_erase_what_staff_may_need() -> None:
    case = make_case()
    with pytest.raises(NotAllowed):
        orchestrator.erase(actor=acting(alice()), case_id=case.pk)
    assert Case.objects.filter(pk=case.pk).exists()


def test_an_unknown_case_is_said_in_one_sentence() -> None:
    with pytest.raises(CommandError, match="There is no such case"):
        call_command("erase_case", "case_unknown", "--yes", verbosity=0)


def somebody_waits_for_a_lock() -> bool:
    if connection.vendor == "sqlite":
        return True  # there is one lock, and who wants it waits at the door
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
        return cursor.fetchone() is not None


def test_a_worker_that_is_writing_at_that_moment_finishes_first() -> None:
    """A worker holds its run and then the case; who erases must take them in the same order."""
    case = queued_case()

    def erase() -> None:
        orchestrator.erase(actor=SYSTEM, case_id=case.pk)
        connection.close()

    eraser = threading.Thread(target=erase)
    with transaction.atomic():
        runs.lock_runs(case.pk)
        eraser.start()
        wait_until(somebody_waits_for_a_lock, timeout=10)
        assert Case.objects.filter(pk=case.pk).update(score=1.0) == 1
    eraser.join()
    assert not Case.objects.exists()
