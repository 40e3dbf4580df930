"""Critical red flags ask for a person at once, until somebody of the staff says by name that they have seen it."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from triage.access import Actor
from triage.analysis.base import Assessment
from triage.errors import AlertNotFound, FlowInvalid, NotAllowed
from triage.flows.loader import flow_of
from triage.flows.schema import Flow
from triage.models import Alert, Case

log = structlog.get_logger(__name__)

MAILED_WITHIN = timedelta(hours=24)  # an older one is news to nobody: addresses were set, or mail works, since then
REMIND_AFTER = timedelta(minutes=15)
MAILED_AT_ONCE = 20  # a slow mail server must not reach the limit of a task


def raise_alerts(case: Case, flow: Flow, assessment: Assessment | None) -> None:
    """An alert for each critical flag that the case did not have; in the transaction that raises them.

    A flag that was corrected away and comes again is the alert that it was.
    """
    if assessment is None:
        return
    critical = {flag.id for flag in flow.red_flags if flag.urgency == "critical"} - set(case.red_flags)
    alerts = [Alert(case=case, flag=flag["id"]) for flag in assessment.red_flags if flag["id"] in critical]
    Alert.objects.bulk_create(alerts, ignore_conflicts=True)


def acknowledge_alert(*, actor: Actor, alert_id: int) -> Alert:
    """Somebody has seen it and sees to it (staff, by name). Twice is once: the first name stays.

    Raises NotAllowed, AlertNotFound.
    """
    if not actor.changes_all or actor.user_id is None:
        raise NotAllowed
    Alert.objects.filter(pk=alert_id, acknowledged_at=None).update(acknowledged_at=Now(), acknowledged_by=actor.user_id)
    alert = Alert.objects.filter(pk=alert_id).first()
    if alert is None:
        raise AlertNotFound
    return alert


def mail_alerts() -> int:
    """Mail what nobody has acknowledged to ALERT_EMAILS, again until somebody does; returns how many were sent.

    Whoever sends one takes it first, so two rounds at once send it once; one whose sending failed is put
    back. A process that dies in between has taken a mail with it: the reminder makes up for it.
    """
    if not settings.ALERT_EMAILS:
        return 0
    due = Q(mailed_at=None) | Q(mailed_at__lt=Now() - REMIND_AFTER)
    open_ = Alert.objects.filter(due, acknowledged_at=None, raised_at__gt=Now() - MAILED_WITHIN)
    sent = 0
    for alert in open_.select_related("case").order_by(F("mailed_at").asc(nulls_first=True), "pk")[:MAILED_AT_ONCE]:
        if not open_.filter(pk=alert.pk).update(mailed_at=Now()):
            continue
        try:
            EmailMessage(*_words(alert), to=settings.ALERT_EMAILS, connection=get_connection()).send()
        except Exception as error:
            Alert.objects.filter(pk=alert.pk).update(mailed_at=None)
            log.error("alert_not_mailed", alert=alert.pk, error=type(error).__name__)
            if isinstance(error, OSError):  # the server: the others would fail alike, and the next round tries again
                return sent
        else:
            sent += 1
    return sent


def _words(alert: Alert) -> tuple[str, str]:
    """Subject and text. The subject says nothing of the case, as it is shown on locked screens."""
    address = settings.TRIAGE_SITE_URL.rstrip("/") + reverse("admin:triage_case_change", args=[alert.case_id])
    body = _(
        "A red flag was raised: %(flag)s.\nCase %(case)s, %(time)s.\n\n"
        "Somebody has to look at it now, and to acknowledge the alert:\n%(address)s\n"
    )
    time = date_format(timezone.localtime(alert.raised_at), "SHORT_DATETIME_FORMAT")
    words = {"flag": _title(alert), "case": alert.case_id, "time": time, "address": address}
    return _("A case needs somebody now"), body % words


def _title(alert: Alert) -> str:
    try:
        flags = flow_of(alert.case.flow_id).red_flags
    except FlowInvalid:  # the alert counts all the same
        return alert.flag
    return next((flag.title[alert.case.language] for flag in flags if flag.id == alert.flag), alert.flag)
