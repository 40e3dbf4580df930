"""`manage.py create_api_key`: a key that opens, shown once."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from triage.access import actor_of_key
from triage.models import ApiKey
from triage.tests.cast import alice

pytestmark = pytest.mark.django_db


def test_the_key_alone_is_printed_and_acts_for_its_user() -> None:
    output, notes = io.StringIO(), io.StringIO()
    call_command("create_api_key", alice().username, "--name", "form", stdout=output, stderr=notes)
    key = output.getvalue().strip()
    assert actor_of_key(key).user_id == alice().pk
    assert ApiKey.objects.get().name == "form"
    assert "not shown again" in notes.getvalue()
    assert key not in notes.getvalue()


def test_an_unknown_user_is_refused() -> None:
    with pytest.raises(CommandError, match="no user 'nobody'"):
        call_command("create_api_key", "nobody")
    assert not ApiKey.objects.exists()


def test_a_user_whom_no_key_would_help_is_refused() -> None:
    user = alice()
    user.is_active = False
    user.save()
    with pytest.raises(CommandError, match="not active"):
        call_command("create_api_key", user.username)
