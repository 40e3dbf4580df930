"""`manage.py rescue_runs`: what crashes left behind is put right, and a worker is really told."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from redis import Redis

from triage import broadcast, orchestrator
from triage.access import SYSTEM
from triage.models import Case, TriageRun
from triage.tests.cast import begun, make_case
from triage_project.addresses import cache_url, database_of
from triage_project.tests.faulty_valkey import FaultyValkey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def rescue() -> str:
    output = io.StringIO()
    call_command("rescue_runs", stdout=output)
    return output.getvalue()


def left_by_a_dead_worker() -> Case:
    """Its own hints are on their way out before we go on."""
    case = make_case()
    orchestrator.force_complete(actor=SYSTEM, case_id=case.pk)
    begun(case, owner="killed")
    TriageRun.objects.update(lease_until=LONG_AGO)
    assert broadcast.drain(10)
    return case


def messages(valkey: FaultyValkey) -> int:
    with Redis.from_url(cache_url(valkey.url, database_of(valkey.url) + 1)) as client:
        waiting: int = client.llen("triage:interactive")
        return waiting


def test_a_run_of_a_dead_worker_waits_for_another_one_who_was_told_before_we_end(valkey: FaultyValkey) -> None:
    left_by_a_dead_worker()
    valkey.wipe()
    assert rescue().startswith("1 queued again, 0 failed")
    assert TriageRun.objects.get().state == TriageRun.State.QUEUED
    assert messages(valkey) == 1


def test_a_run_that_took_down_every_worker_fails_its_case() -> None:
    case = left_by_a_dead_worker()
    TriageRun.objects.update(crashes=99)
    assert "1 failed" in rescue()
    case.refresh_from_db()
    assert case.state == Case.State.FAILED


def test_nothing_to_do_is_no_mistake() -> None:
    assert rescue() == "0 queued again, 0 failed, 0 announced again\n"


def test_without_redis_the_run_is_put_right_and_the_operator_is_told(valkey: FaultyValkey) -> None:
    left_by_a_dead_worker()
    valkey.stop()
    with pytest.raises(CommandError, match="Redis does not answer"):
        rescue()
    assert TriageRun.objects.get().state == TriageRun.State.QUEUED
