"""Cases are kept for ever unless whoever runs this says for how many days; then what is over goes, whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from conversations.models import Conversation, Message
from triage import orchestrator, runs
from triage.access import SYSTEM
from triage.models import Batch, Case, CaseEvent
from triage.tests.batch_files import running_batch, work
from triage.tests.cast import completed_case, make_case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def aged(case: Case, days: int) -> Case:
    then = timezone.now() - timedelta(days=days)
    Case.objects.filter(pk=case.pk).update(updated_at=then)
    Conversation.objects.filter(pk=case.conversation_id).update(last_said_at=then)
    return case


def test_nothing_is_erased_unless_somebody_wants_it() -> None:
    aged(completed_case(), 4000)
    assert orchestrator.forget_old() == 0
    assert Case.objects.count() == 1


def test_what_was_over_for_so_long_is_erased_with_all_its_words(settings: Settings) -> None:
    settings.RETENTION_DAYS = 30
    aged(completed_case(), 31)
    kept = [aged(completed_case(), 29), aged(make_case(), 31)]
    assert orchestrator.forget_old() == 1
    assert {case.pk for case in Case.objects.all()} == {case.pk for case in kept}
    assert set(CaseEvent.objects.values_list("case", flat=True)) == {case.pk for case in kept}
    assert set(Message.objects.values_list("conversation", flat=True)) == {case.conversation_id for case in kept}
    assert orchestrator.forget_old() == 0


def test_an_old_batch_goes_too_and_a_running_one_stays(settings: Settings) -> None:
    settings.RETENTION_DAYS = 30
    old, running = running_batch(1), running_batch(1)
    orchestrator.cancel_batch(actor=SYSTEM, batch_id=old.pk)
    Batch.objects.update(finished_at=timezone.now() - timedelta(days=31))
    Batch.objects.filter(pk=running.pk).update(finished_at=None)
    orchestrator.forget_old()
    assert [batch.pk for batch in Batch.objects.all()] == [running.pk]
    assert work() == 1


def test_a_case_that_was_taken_up_again_meanwhile_stays(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RETENTION_DAYS = 30
    case = aged(completed_case(), 31)
    lock = runs.lock_runs

    def taken_up(case_id: str) -> None:
        orchestrator.retry(actor=SYSTEM, case_id=case_id)
        lock(case_id)

    monkeypatch.setattr(runs, "lock_runs", taken_up)
    assert orchestrator.forget_old() == 0
    assert Case.objects.get(pk=case.pk).state == Case.State.QUEUED
