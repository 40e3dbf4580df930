"""Alerts: what asks for a person now. Acknowledging one is a verb and keeps the name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversations.admin import ReadOnly
from triage import orchestrator
from triage.access import actor_of
from triage.admin.showing import case_link
from triage.models import Alert

if TYPE_CHECKING:  # Django's own classes take no type arguments while they run
    Admin = admin.ModelAdmin[Alert]
else:
    Admin = admin.ModelAdmin


@admin.register(Alert)
class AlertAdmin(ReadOnly, Admin):
    list_display = ["flag", "case_page", "raised_at", "acknowledged_at", "acknowledged_by", "mailed_at"]
    list_display_links = None
    list_filter = [("acknowledged_at", admin.EmptyFieldListFilter), "flag", "raised_at"]
    list_select_related = ["acknowledged_by"]
    search_fields = ["=case__id", "flag"]
    show_full_result_count = False
    actions = ["acknowledge"]

    class Media:
        css = {"all": ["triage/admin.css"]}

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("triage.change_case")

    @admin.action(description=_("Acknowledge"), permissions=["operate"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        actor = actor_of(request.user, request.session)
        ids = list(queryset.filter(acknowledged_at=None).values_list("pk", flat=True))
        for alert_id in ids:
            orchestrator.acknowledge_alert(actor=actor, alert_id=alert_id)
        text = ngettext("%d alert is acknowledged by you.", "%d alerts are acknowledged by you.", len(ids))
        messages.success(request, text % len(ids))

    @admin.display(description=_("case"), ordering="case_id")
    def case_page(self, alert: Alert) -> SafeString:
        return case_link(alert.case_id)
