"""The schedule runs twice, is killed and started again: what lapsed is rescued, each time once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from triage.models import Case, TriageRun
from triage.tests.faulty_steps import queued_case, taken
from triage.tests.worker_process import schedule_process, worker_process
from triage_project.child import kill_group
from triage_project.tests.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]


def left_by_a_dead_worker() -> Case:
    with transaction.atomic():  # or a living worker takes it first
        case = queued_case()
        taken()
        TriageRun.objects.filter(case=case).update(lease_until=Now() - timedelta(minutes=1))
    return case


def assert_rescued_once(case: Case) -> None:
    wait_until(lambda: Case.objects.get(pk=case.pk).state == Case.State.COMPLETED, timeout=40, interval=0.1)
    run = TriageRun.objects.get(case=case)
    assert (run.attempts, run.failed_attempts.count()) == (2, 1)


def test_two_schedules_rescue_once_and_a_killed_one_is_replaced() -> None:
    first = left_by_a_dead_worker()
    with worker_process():
        with schedule_process() as one, schedule_process() as other:
            assert_rescued_once(first)
            kill_group(one)
            kill_group(other)
        second = left_by_a_dead_worker()
        with schedule_process():
            assert_rescued_once(second)
