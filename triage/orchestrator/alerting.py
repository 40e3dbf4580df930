"""Critical red flags ask for a person at once, until somebody of the staff says by name that they have seen it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from triage.access import Actor
from triage.analysis.base import Assessment
from triage.batches.models import BatchRow
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


def people_first(alerts: QuerySet[Alert], *then: str | OrderBy) -> QuerySet[Alert]:
    """Who waits for an answer comes before the rows of a file, however many of them alarm."""
    return alerts.alias(of_batch=Exists(BatchRow.objects.filter(case=OuterRef("case")))).order_by("of_batch", *then)


def mail_alerts() -> int:
    """Mail what nobody has acknowledged to ALERT_EMAILS, again until somebody does; returns how many mails were sent.

    One for each case. Whoever sends one takes its alerts first, so two rounds at once send it once; one whose sending
    failed is put back. A process that dies in between has taken a mail with it: the reminder makes up for it.
    """
    if not settings.ALERT_EMAILS:
        return 0
    due = Q(mailed_at=None) | Q(mailed_at__lt=Now() - REMIND_AFTER)
    open_ = Alert.objects.filter(due, acknowledged_at=None, raised_at__gt=Now() - MAILED_WITHIN)
    ordered = people_first(open_, F("mailed_at").asc(nulls_first=True), "pk")
    cases = list(dict.fromkeys(ordered.values_list("case_id", flat=True)[: 5 * MAILED_AT_ONCE]))[:MAILED_AT_ONCE]
    sent = 0
    for case_id in cases:
        try:
            sent += _mail(open_.filter(case=case_id))
        except OSError:  # the server: the others would fail alike, and the next round tries again
            break
    return sent


def _mail(open_: QuerySet[Alert]) -> bool:
    """Raises OSError when the server cannot be reached."""
    with transaction.atomic():
        alerts = list(open_.select_for_update(of=("self",)).select_related("case").order_by("pk"))
        Alert.objects.filter(pk__in=[one.pk for one in alerts]).update(mailed_at=Now())
    if not alerts:
        return False
    try:
        EmailMessage(*_words(alerts), to=settings.ALERT_EMAILS, connection=get_connection()).send()
    except Exception as error:
        Alert.objects.filter(pk__in=[one.pk for one in alerts]).update(mailed_at=None)
        log.error("alert_not_mailed", case=alerts[0].case_id, error=type(error).__name__)
        if isinstance(error, OSError):
            raise
        return False
    return True


def _words(alerts: Sequence[Alert]) -> tuple[str, str]:
    """Subject and text of a mail on one case. The subject says nothing of it, as it is shown on locked screens."""
    case_id = alerts[0].case_id
    address = settings.TRIAGE_SITE_URL.rstrip("/") + reverse("admin:triage_case_change", args=[case_id])
    body = ngettext(
        "A red flag was raised: %(flags)s.\nCase %(case)s, %(time)s.\n\n"
        "Somebody has to look at it now, and to acknowledge the alert:\n%(address)s\n",
        "Red flags were raised: %(flags)s.\nCase %(case)s, %(time)s.\n\n"
        "Somebody has to look at it now, and to acknowledge the alerts:\n%(address)s\n",
        len(alerts),
    )
    time = date_format(timezone.localtime(min(one.raised_at for one in alerts)), "SHORT_DATETIME_FORMAT")
    words = {"flags": "; ".join(map(_title, alerts)), "case": case_id, "time": time, "address": address}
    return _("A case needs somebody now"), body % words


def _title(alert: Alert) -> str:
    try:
        flags = flow_of(alert.case.flow_id).red_flags
    except FlowInvalid:  # the alert counts all the same
        return alert.flag
    return next((flag.title[alert.case.language] for flag in flags if flag.id == alert.flag), alert.flag)
