"""Corrections: what staff decided otherwise, to be approved before anything is learnt from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from conversations.admin import ReadOnly
from triage import orchestrator
from triage.access import Actor, actor_of
from triage.admin.showing import case_link
from triage.errors import TriageError
from triage.models import Correction

if TYPE_CHECKING:  # Django's own classes take no type arguments while they run
    Admin = admin.ModelAdmin[Correction]
else:
    Admin = admin.ModelAdmin


@admin.register(Correction)
class CorrectionAdmin(ReadOnly, Admin):
    list_display = ["summary", "text", "reason", "status", "by", "at", "learnt_in"]
    list_display_links = ["summary"]
    list_filter = ["status", "field", "flow__flow", "language", "at"]
    list_select_related = ["by", "learnt_in"]
    list_per_page = 50
    search_fields = ["=case__id", "text"]
    show_full_result_count = False
    actions = ["approve", "reject"]
    fields = [
        "case_page", "flow", "field", "old", "new", "reason", "by", "at", "text", "language",
        "status", "approved_by", "approved_at", "learnt_in",
    ]  # fmt: skip
    readonly_fields = ["case_page"]

    class Media:
        css = {"all": ["triage/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correction]:
        return super().get_queryset(request).defer("flow__document", "learnt_in__document")

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(["triage.approve_correction", "triage.change_case"])

    @admin.action(description=_("Approve: read the words first, others will learn from them"), permissions=["approve"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Correction]) -> None:
        done = self._judge(request, queryset, orchestrator.approve_correction)
        messages.success(request, ngettext("%d correction is approved.", "%d corrections are approved.", done) % done)

    @admin.action(description=_("Reject: nobody will learn from them"), permissions=["approve"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Correction]) -> None:
        done = self._judge(request, queryset, orchestrator.reject_correction)
        messages.success(request, ngettext("%d correction is rejected.", "%d corrections are rejected.", done) % done)

    def _judge(self, request: HttpRequest, queryset: QuerySet[Correction], verb: Callable[..., Correction]) -> int:
        """How many; one that refuses does not keep the others waiting."""
        actor: Actor = actor_of(request.user, request.session)
        done = 0
        for pk in list(queryset.order_by().values_list("pk", flat=True)):
            try:
                verb(actor=actor, correction_id=pk)
            except TriageError as error:
                messages.error(request, f"{pk}: {gettext(error.detail)}")
            else:
                done += 1
        return done

    @admin.display(description=_("correction"), ordering="field")
    def summary(self, correction: Correction) -> str:
        return f"{correction.get_field_display()}: {correction.old} → {correction.new}"

    @admin.display(description=_("case"), ordering="case_id")
    def case_page(self, correction: Correction) -> SafeString:
        return case_link(correction.case_id)
