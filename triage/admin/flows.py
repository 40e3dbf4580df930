"""Flow versions to read: they come from files and never change, since cases go on under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversations.admin import ReadOnly
from triage.admin.showing import code
from triage.models import FlowVersion

if TYPE_CHECKING:  # Django's own classes take no type arguments while they run
    Admin = admin.ModelAdmin[FlowVersion]
else:
    Admin = admin.ModelAdmin


@admin.register(FlowVersion)
class FlowVersionAdmin(ReadOnly, Admin):
    list_display = ["flow", "version", "loaded_at", "case_count"]
    list_display_links = ["flow", "version"]
    list_filter = ["flow"]
    show_full_result_count = False
    fields = ["flow", "version", "loaded_at", "digest", "case_count", "contents"]
    readonly_fields = ["digest", "case_count", "contents"]

    class Media:
        css = {"all": ["triage/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[FlowVersion]:
        """Without the documents, which are large; a version's own page reads its one."""
        return super().get_queryset(request).annotate(cases_begun=Count("cases")).defer("document")

    @admin.display(description=_("cases"), ordering="cases_begun")
    def case_count(self, version: FlowVersion) -> int:
        return int(vars(version)["cases_begun"])

    @admin.display(description=_("document"))
    def contents(self, version: FlowVersion) -> SafeString:
        return code(version.document)
