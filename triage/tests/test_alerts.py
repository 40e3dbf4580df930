"""A critical red flag alerts the staff with the words that raise it, until somebody acknowledges it by name."""

from __future__ import annotations

import smtplib
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from triage import orchestrator
from triage.access import SYSTEM
from triage.board.figures import collect
from triage.board.filters import Filters
from triage.errors import AlertNotFound, NotAllowed
from triage.flows.loader import load_flow
from triage.models import Alert, Batch, BatchRow, Case
from triage.orchestrator import alerting
from triage.orchestrator.alerting import MAILED_WITHIN
from triage.orchestrator.commit import Moved
from triage.tests.cast import CRASH, acting, alice, bob, completed_case, make_case, staff_who_may
from triage.tests.small_flow import flow_with

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def test_a_critical_flag_alerts_once_however_often_it_is_seen() -> None:
    case = completed_case(text="My roof leaks")
    assert not Alert.objects.exists()
    case = make_case(text=CRASH)
    orchestrator.answer(actor=acting(alice()), case_id=case.pk, text="And I fainted again")
    alert = Alert.objects.get()
    assert (alert.case, alert.flag, alert.acknowledged_at) == (case, "injury", None)


def test_it_is_raised_with_the_words_or_not_at_all() -> None:
    with pytest.raises(Moved), transaction.atomic():
        make_case(text=CRASH)
        assert Alert.objects.count() == 1
        raise Moved
    assert not Alert.objects.exists()
    assert not Case.objects.exists()


def test_a_flag_that_is_not_critical_alerts_nobody() -> None:
    def milder(data: dict[str, Any]) -> None:
        data["red_flags"][0]["urgency"] = "high"

    load_flow(flow_with(milder))
    opened = orchestrator.open_case(actor=acting(alice()), flow_id="three-questions", language="en", text=CRASH)
    assert Case.objects.get(pk=opened.case_id).red_flags == ["injury"]
    assert not Alert.objects.exists()


def test_somebody_acknowledges_it_by_name_and_the_first_name_stays() -> None:
    make_case(text=CRASH)
    alert = Alert.objects.get()
    other = staff_who_may("view_case", "change_case")
    for user in (bob(), other):
        alert = orchestrator.acknowledge_alert(actor=acting(user), alert_id=alert.pk)
        assert alert.acknowledged_by == bob()
    assert alert.acknowledged_at is not None


def test_nobody_else_acknowledges_it() -> None:
    make_case(text=CRASH)
    alert = Alert.objects.get()
    for actor in (acting(alice()), acting(staff_who_may("view_case")), SYSTEM):
        with pytest.raises(NotAllowed):
            orchestrator.acknowledge_alert(actor=actor, alert_id=alert.pk)
    with pytest.raises(AlertNotFound):
        orchestrator.acknowledge_alert(actor=acting(bob()), alert_id=alert.pk + 1)
    alert.refresh_from_db()
    assert alert.acknowledged_at is None


class FlakyMail(EmailBackend):
    """Refuses as often as it is told to."""

    refusals = 0

    def send_messages(self, messages: Any) -> int:
        if FlakyMail.refusals:
            FlakyMail.refusals -= 1
            raise smtplib.SMTPServerDisconnected
        return super().send_messages(messages)


@pytest.fixture
def addresses(settings: Settings) -> None:
    settings.ALERT_EMAILS = ["on-call@example.org"]
    settings.TRIAGE_SITE_URL = "https://triage.example.org"


def test_an_alert_is_mailed_once_without_anybodys_words(addresses: None) -> None:
    case = make_case(text=CRASH)
    assert [orchestrator.mail_alerts(), orchestrator.mail_alerts()] == [1, 0]
    sent = mail.outbox[0]
    assert sent.to == ["on-call@example.org"]
    assert "Injured person" in sent.body
    assert f"https://triage.example.org/admin/triage/case/{case.pk}/change/" in sent.body
    assert "fainted" not in f"{sent.body} {sent.subject}"
    assert "Injured" not in sent.subject


def test_one_mail_tells_all_that_a_case_alarms_about(addresses: None) -> None:
    case = make_case(text=CRASH)
    Alert.objects.create(case=case, flag="fire")
    assert [orchestrator.mail_alerts(), orchestrator.mail_alerts()] == [1, 0]
    assert "Injured person; fire." in mail.outbox[0].body


def test_people_come_before_the_rows_of_a_file(addresses: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerting, "MAILED_AT_ONCE", 1)
    rows, person = [make_case(text=CRASH) for _ in range(6)], make_case(text=CRASH)
    batch = Batch.objects.create(flow=person.flow, owner=bob(), language="en", file_name="rows.csv")
    BatchRow.objects.bulk_create(BatchRow(batch=batch, line=at, case=row) for at, row in enumerate(rows))
    assert orchestrator.mail_alerts() == 1
    assert person.pk in mail.outbox[0].body
    assert collect(Filters()).alerts[0].case_id == person.pk


def test_an_alert_is_mailed_again_every_quarter_of_an_hour_until_somebody_acknowledges_it(addresses: None) -> None:
    make_case(text=CRASH)
    orchestrator.mail_alerts()
    for minutes, sent in ((14, 0), (16, 1), (14, 0)):
        Alert.objects.update(mailed_at=timezone.now() - timedelta(minutes=minutes))
        assert orchestrator.mail_alerts() == sent
    Alert.objects.update(mailed_at=timezone.now() - timedelta(minutes=16))
    orchestrator.acknowledge_alert(actor=acting(bob()), alert_id=Alert.objects.get().pk)
    assert orchestrator.mail_alerts() == 0
    assert len(mail.outbox) == 2


def test_a_mail_that_failed_is_sent_later(addresses: None, settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.FlakyMail"
    FlakyMail.refusals = 2
    make_case(text=CRASH)
    assert [orchestrator.mail_alerts() for _ in range(4)] == [0, 0, 1, 0]
    assert len(mail.outbox) == 1


def test_two_rounds_at_once_send_it_once(addresses: None) -> None:
    Alert.objects.create(case=make_case(text=CRASH), flag="fire")
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        orchestrator.mail_alerts()
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mail.outbox) == 1


def test_what_was_acknowledged_or_is_old_or_has_no_addressee_is_not_mailed(addresses: None, settings: Settings) -> None:
    for _ in range(2):
        make_case(text=CRASH)
    seen, old = Alert.objects.order_by("pk")
    orchestrator.acknowledge_alert(actor=acting(bob()), alert_id=seen.pk)
    Alert.objects.filter(pk=old.pk).update(raised_at=timezone.now() - MAILED_WITHIN)
    assert orchestrator.mail_alerts() == 0
    make_case(text=CRASH)
    settings.ALERT_EMAILS = []
    assert orchestrator.mail_alerts() == 0


def test_staff_acknowledge_in_the_admin(client: Client) -> None:
    for _ in range(2):
        make_case(text=CRASH)
    alerts = reverse("admin:triage_alert_changelist")
    action = {"action": "acknowledge", "index": "0", "_selected_action": [alert.pk for alert in Alert.objects.all()]}
    client.force_login(staff_who_may("view_alert"))
    client.post(alerts, action)
    assert Alert.objects.filter(acknowledged_at=None).count() == 2
    client.force_login(bob())
    assert len(client.get(alerts, {"acknowledged_at__isempty": "1"}).context["cl"].result_list) == 2
    client.post(alerts, action)
    assert list(Alert.objects.values_list("acknowledged_by__username", flat=True)) == ["bob", "bob"]
