"""Flow versions to read, compare and return to: none ever changes, since cases go on under them."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from conversations.admin import ReadOnly
from triage.admin.showing import NOTHING, code
from triage.errors import FlowInvalid, TriageError
from triage.flows.comparing import compare
from triage.flows.loader import parsed
from triage.flows.versions import learn, roll_back, version_of
from triage.models import FlowVersion

SENTENCES = ("examples", "held_out", "out_of_scope", "danger", "harmless")

if TYPE_CHECKING:  # Django's own classes take no type arguments while they run
    Admin = admin.ModelAdmin[FlowVersion]
else:
    Admin = admin.ModelAdmin


@admin.register(FlowVersion)
class FlowVersionAdmin(ReadOnly, Admin):
    list_display = ["flow", "version", "origin", "loaded_at", "case_count", "comparison"]
    list_display_links = ["flow", "version"]
    list_filter = ["flow", "origin"]
    show_full_result_count = False
    fields = ["flow", "version", "origin", "has_learnt", "loaded_at", "digest", "case_count", "comparison", "contents"]
    readonly_fields = ["digest", "case_count", "comparison", "contents"]
    actions = ["make_newest", "learn_corrections"]

    class Media:
        css = {"all": ["triage/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[FlowVersion]:
        """Without the documents, which are large; a version's own page reads its one."""
        return super().get_queryset(request).annotate(cases_begun=Count("cases")).defer("document")

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.compare_page)
        address = "compare/<str:flow>/<int:old>/<int:new>/"
        return [path(address, page, name="triage_flowversion_compare"), *super().get_urls()]

    def has_roll_permission(self, request: HttpRequest) -> bool:
        """Making versions; has_change_permission would open these to edits."""
        return request.user.has_perm("triage.change_flowversion")

    @admin.action(description=_("Roll back: make this version the newest again"), permissions=["roll"])
    def make_newest(self, request: HttpRequest, queryset: QuerySet[FlowVersion]) -> None:
        chosen = list(queryset)
        if len({one.flow for one in chosen}) < len(chosen):
            messages.error(request, gettext("Choose one version of each flow."))
            return
        for one in chosen:
            try:
                made, is_new = roll_back(one.flow, one.version)
            except TriageError as error:
                messages.error(request, f"{one}: {error.detail}")
                continue
            if is_new:
                _note(request, made)
            words = gettext("%(made)s has the content of %(old)s. Cases under way go on under their own version.")
            messages.success(request, words % {"made": made, "old": one})

    @admin.action(description=_("Learn: make a version with all approved corrections"), permissions=["roll"])
    def learn_corrections(self, request: HttpRequest, queryset: QuerySet[FlowVersion]) -> None:
        for flow_id in sorted(set(queryset.order_by().values_list("flow", flat=True))):
            try:
                made, count = learn(flow_id)
            except TriageError as error:
                messages.error(request, f"{flow_id}: {error.detail}")
                continue
            if count:
                _note(request, made)
            messages.success(request, gettext("%(made)s: %(n)d new examples.") % {"made": made, "n": count})

    def compare_page(self, request: HttpRequest, flow: str, old: int, new: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context: dict[str, object] = {
            **self.admin_site.each_context(request),
            "title": f"{flow} v{old} → v{new}",
            "opts": self.opts,
            "media": self.media,
        }
        status = HTTPStatus.OK
        try:
            context["changes"] = compare(*(parsed(version_of(flow, version)) for version in (old, new)))
        except TriageError as error:
            context["problem"] = error.detail
            status = HTTPStatus.OK if isinstance(error, FlowInvalid) else HTTPStatus.NOT_FOUND
        return TemplateResponse(request, "admin/triage/flowversion/compare.html", context, status=status)

    @admin.display(description=_("cases"), ordering="cases_begun")
    def case_count(self, version: FlowVersion) -> int:
        return int(vars(version)["cases_begun"])

    @admin.display(description=_("what changed"))
    def comparison(self, version: FlowVersion) -> SafeString | str:
        """With the version before it; versions count from 1 without a hole."""
        if version.version < 2:
            return NOTHING
        pair = [version.flow, version.version - 1, version.version]
        address = reverse("admin:triage_flowversion_compare", args=pair)
        return format_html('<a href="{}">{}</a>', address, gettext("compare with v%d") % (version.version - 1))

    @admin.display(description=_("document"))
    def contents(self, version: FlowVersion) -> SafeString:
        """With 20,000 examples a document is megabytes, and what it says of a case is lost among them."""
        note = gettext("Example sentences are counted here, not shown.")
        return format_html("<p>{}</p>{}", note, code(_counted(version.document)))


def _counted(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with how many examples there are in their place: per category and language, or per language."""

    def count(part: Any) -> Any:
        if isinstance(part, Mapping):
            return {name: count(inner) for name, inner in part.items()}
        return ngettext("%d sentence", "%d sentences", len(part)) % len(part)

    return {name: count(part) if name in SENTENCES else part for name, part in document.items()}


def _note(request: HttpRequest, made: FlowVersion) -> None:
    """In the admin's history: who made this version."""
    assert isinstance(request.user, User)
    LogEntry.objects.log_actions(
        user_id=request.user.pk, queryset=[made], action_flag=ADDITION, change_message=made.origin
    )
