"""The log's times are moments, whatever the database keeps and wherever the installation stands."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from triage import eventlog
from triage.events import TriageUpdate, envelope
from triage.tests.cast import bob, make_case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
NOON_IN_UTC = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def test_an_event_is_read_with_the_moment_it_was_written_with() -> None:
    case = make_case()
    with transaction.atomic():
        seq = eventlog.append(case.pk, [TriageUpdate("Halfway", 50, "interview")], at=NOON_IN_UTC)
    for read in (eventlog.after(case.pk, seq - 1), eventlog.after_each([(case.pk, seq - 1)], limit=9)):
        assert [event.at for event in read] == [NOON_IN_UTC]
        assert envelope(read[0], "client")["at"] == "2026-03-10T12:00:00.000Z"


def test_pages_show_it_in_the_installations_time(client: Client) -> None:
    case = make_case()
    with transaction.atomic():
        eventlog.append(case.pk, [TriageUpdate("Halfway", 50, "analysis")], at=NOON_IN_UTC)
    client.force_login(bob())
    page = client.get(reverse("admin:triage_case_change", args=[case.pk])).content.decode()
    assert "2026-03-10T09:00:00-03:00" in page
