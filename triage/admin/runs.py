"""Runs, with what each step brought and how attempts failed. Dead letters are tried again or discarded here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversations.admin import ReadOnly
from triage.admin.run_acting import DISCARD_RUN, RETRY_RUN, SET_PRIORITY, act_on_runs
from triage.admin.showing import badge, case_link, code, urgency_rank
from triage.models import FailedAttempt, RunStep, TriageRun

if TYPE_CHECKING:  # Django's own classes take no type arguments while they run
    Inline = admin.TabularInline[RunStep, TriageRun]
    FailedInline = admin.TabularInline[FailedAttempt, TriageRun]
    Admin = admin.ModelAdmin[TriageRun]
else:
    Inline = FailedInline = admin.TabularInline
    Admin = admin.ModelAdmin


class StepInline(ReadOnly, Inline):
    model = RunStep
    fields = ["name", "milliseconds", "finished_at", "fence", "result"]
    readonly_fields = ["result"]

    def has_view_permission(self, request: HttpRequest, obj: TriageRun | None = None) -> bool:
        """Who may see a run may see its steps."""
        return True

    @admin.display(description=_("output"))
    def result(self, step: RunStep) -> SafeString:
        return code(step.output)


class FailedAttemptInline(ReadOnly, FailedInline):
    model = FailedAttempt
    fields = ["attempt", "at", "step", "error", "worker", "where"]
    readonly_fields = ["where"]

    def has_view_permission(self, request: HttpRequest, obj: TriageRun | None = None) -> bool:
        return True

    @admin.display(description=_("error detail"))
    def where(self, attempt: FailedAttempt) -> SafeString:
        return format_html('<pre class="json">{}</pre>', attempt.detail)


@admin.register(TriageRun)
class TriageRunAdmin(ReadOnly, Admin):
    list_display = [
        "id",
        "state_badge",
        "case_page",
        "lane",
        "priority_badge",
        "attempts",
        "last_step",
        "error",
        "created_at",
        "finished_at",
    ]
    list_filter = ["state", "lane", "priority", "last_step", "error", "created_at"]
    date_hierarchy = "created_at"
    search_fields = ["=id", "=case__id", "error", "error_detail", "discard_reason"]
    search_help_text = _("The id of a run or of a case, or words of an error")
    show_full_result_count = False
    actions = ["retry", "discard", "set_priority"]
    inlines = [StepInline, FailedAttemptInline]
    readonly_fields = ["case_page"]
    fields = [
        ("state", "case_page"),
        ("lane", "priority", "cancel_requested"),
        ("attempts", "step_failures", "crashes", "tried_since"),
        ("created_at", "queued_at", "started_at", "finished_at", "next_attempt_at"),
        ("lease_owner", "lease_until", "fence"),
        ("last_step", "error"),
        "error_detail",
        ("discard_reason", "discarded_by"),
    ]

    class Media:
        css = {"all": ["triage/admin.css"]}

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """A run is tried again as its case is."""
        return request.user.has_perm("triage.change_case")

    @admin.action(description=RETRY_RUN.title, permissions=["operate"])
    def retry(self, request: HttpRequest, queryset: QuerySet[TriageRun]) -> HttpResponse | None:
        return act_on_runs(self, request, queryset, RETRY_RUN)

    @admin.action(description=DISCARD_RUN.title, permissions=["operate"])
    def discard(self, request: HttpRequest, queryset: QuerySet[TriageRun]) -> HttpResponse | None:
        return act_on_runs(self, request, queryset, DISCARD_RUN)

    @admin.action(description=SET_PRIORITY.title, permissions=["operate"])
    def set_priority(self, request: HttpRequest, queryset: QuerySet[TriageRun]) -> HttpResponse | None:
        return act_on_runs(self, request, queryset, SET_PRIORITY)

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, run: TriageRun) -> SafeString:
        return badge("run", run.state, run.get_state_display())

    @admin.display(description=_("priority"), ordering=urgency_rank("priority"))
    def priority_badge(self, run: TriageRun) -> SafeString:
        return badge("urgency", run.priority, run.get_priority_display())

    @admin.display(description=_("case"), ordering="case_id")
    def case_page(self, run: TriageRun) -> SafeString:
        return case_link(run.case_id)
