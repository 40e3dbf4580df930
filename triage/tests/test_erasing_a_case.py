"""Erasing a case leaves nothing of it, and touches no other."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from conversations.models import Conversation, Message
from triage import orchestrator
from triage.errors import NotAllowed
from triage.models import Answer, Case, CaseEvent, TriageRun
from triage.tests.cast import acting, alice, completed_case, make_case
from triage_project.tests.faulty_valkey import FaultyValkey

pytestmark = pytest.mark.django_db(transaction=True)


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
