"""`manage.py expire_conversations`: idle interviews end, memory that expired is counted."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from conversations import memory
from conversations.models import Conversation
from triage.models import Case
from triage.tests.cast import make_case
from triage_project.tests.faulty_valkey import FaultyValkey
from triage_project.tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def expire(*words: str) -> str:
    output = io.StringIO()
    call_command("expire_conversations", *words, stdout=output)
    return output.getvalue()


def silent_for_an_hour() -> Case:
    case = make_case()
    Conversation.objects.filter(case=case).update(last_said_at=timezone.now() - timedelta(hours=1))
    return case


def test_interviews_idle_for_longer_end_and_others_go_on() -> None:
    idle, busy = silent_for_an_hour(), make_case()
    assert "0 interviews ended" in expire()
    assert "1 interviews ended" in expire("--idle-for", "3000")
    assert Case.objects.get(state=Case.State.EXPIRED) == idle
    assert Case.objects.get(state=Case.State.INTERVIEWING) == busy


def test_memory_that_expired_is_counted_once(settings: Settings) -> None:
    settings.CONVERSATION_TTL = 1
    memory.remember("conversation", 1, {})
    wait_until(lambda: "1 expired" in expire())
    assert "0 expired" in expire()


def test_what_is_no_number_of_seconds_is_refused() -> None:
    for text in ("0", "-1", "soon", "9" * 30):
        with pytest.raises(CommandError, match="not a number of seconds"):
            expire("--idle-for", text)


@pytest.mark.fault
def test_without_redis_interviews_end_and_the_operator_is_told(valkey: FaultyValkey) -> None:
    case = silent_for_an_hour()
    valkey.stop()
    with pytest.raises(CommandError, match="Redis does not answer"):
        expire("--idle-for", "3000")
    case.refresh_from_db()
    assert case.state == Case.State.EXPIRED
