"""Cases: the right one first, and all there is to know about it on one page.

Nothing is edited here: the verbs own a case, and buttons and actions call them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.db.models import Case as Match
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst, smart_split, unescape_string_literal
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from conversations.admin import ReadOnly
from conversations.models import Message
from triage.admin.acting import CANCEL, DEEDS, FORCE_COMPLETE, RETRY, act
from triage.admin.case_page import case_page
from triage.admin.downloads import download
from triage.admin.filters import CategoryFilter, ComplexityFilter, FlowFilter, RedFlagFilter
from triage.admin.overriding import override_page
from triage.admin.showing import LEVELS, NOTHING, badge, urgency_rank
from triage.admin.titles import category_titles
from triage.models import Case, Priority
from triage.orchestrator.ending import UNFINISHED

OPENING_LENGTH = 60  # characters of the first words in a row

if TYPE_CHECKING:  # Django's own classes take no type arguments while they run
    Admin = admin.ModelAdmin[Case]
else:
    Admin = admin.ModelAdmin


@admin.register(Case)
class CaseAdmin(ReadOnly, Admin):
    list_display = [
        "told_by",
        "urgency_badge",
        "state_badge",
        "category_title",
        "complexity_badge",
        "due",
    ]
    list_display_links = ["told_by"]
    list_filter = [
        "state",
        "urgency",
        ComplexityFilter,
        CategoryFilter,
        FlowFilter,
        RedFlagFilter,
        "created_at",
    ]
    date_hierarchy = "created_at"
    search_fields = ["id"]  # see get_search_results
    search_help_text = _("An id, a name, or words that were said")
    show_full_result_count = False
    list_per_page = 50
    actions = ["force_complete", "retry", "cancel", "export"]
    change_form_template = "admin/triage/case/change_form.html"

    class Media:
        css = {"all": ["triage/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        """Without the flow's document, which is large and the same for thousands of cases."""
        rows = super().get_queryset(request).annotate(opening=opening_words())
        return rows.select_related("flow").defer("flow__document", "result")

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """What is still open by its urgency, then all the rest; of equals the newest first."""
        return [open_by_urgency(), "-created_at"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Case], search_term: str
    ) -> tuple[QuerySet[Case], bool]:
        """Every word (or "several in quotes") must be the id, in the name, or in anything that was said."""
        for bit in smart_split(search_term):
            word = unescape_string_literal(bit) if bit[0] in "\"'" and bit[0] == bit[-1] else bit
            said = Message.objects.filter(conversation=OuterRef("conversation"), text__icontains=word)
            queryset = queryset.filter(Q(pk=word) | Q(contact_name__icontains=word) | Exists(said))
        return queryset, False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Titles are read once for the whole page; `category_title` finds them on the rows."""
        page = super().get_changelist_instance(request)
        titles = category_titles()
        for case in page.result_list:
            vars(case)["shown_category"] = titles.get((case.flow.flow, case.category), case.category)
        return page

    def get_fieldsets(self, request: HttpRequest, obj: Case | None = None) -> list[Any]:
        """None: the page is drawn from `case_page`."""
        return []

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Case | None = None,
    ) -> HttpResponse:
        assert obj is not None  # cases are opened by those whose cases they are
        may_act = self.has_operate_permission(request)
        deeds = [deed for deed in DEEDS if may_act and obj.state in deed.fits]
        context.update(case_page(obj), deeds=deeds, may_act=may_act, title=capfirst(_("case")))
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.override_page)
        return [path("<path:case_id>/override/", page, name="triage_case_override"), *super().get_urls()]

    def override_page(self, request: HttpRequest, case_id: str) -> HttpResponse:
        return override_page(self, request, unquote(case_id))

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Calling verbs; has_change_permission would open the columns to edits."""
        return request.user.has_perm("triage.change_case")

    @admin.action(description=FORCE_COMPLETE.title, permissions=["operate"])
    def force_complete(self, request: HttpRequest, queryset: QuerySet[Case]) -> HttpResponse | None:
        return act(self, request, queryset, FORCE_COMPLETE)

    @admin.action(description=RETRY.title, permissions=["operate"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Case]) -> HttpResponse | None:
        return act(self, request, queryset, RETRY)

    @admin.action(description=CANCEL.title, permissions=["operate"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Case]) -> HttpResponse | None:
        return act(self, request, queryset, CANCEL)

    @admin.action(description=_("Export"), permissions=["view"])
    def export(self, request: HttpRequest, queryset: QuerySet[Case]) -> HttpResponse | None:
        return download(request, queryset)

    @admin.display(description=_("case"), ordering="created_at")
    def told_by(self, case: Case) -> SafeString:
        """Who it is, or how they began; then the end of the id, where ids of one day differ, and since when."""
        opening = Truncator(" ".join((vars(case).get("opening") or "").split())).chars(OPENING_LENGTH)
        short = format_html('<span class="id" title="{}">…{}</span>', case.pk, case.pk[-6:])
        since = date_format(localtime(case.created_at), "SHORT_DATETIME_FORMAT")
        words = case.contact_name or opening or gettext("(no words)")
        return below(words, format_html("{} · {}", short, since))

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, case: Case) -> SafeString:
        return badge("state", case.state, case.get_state_display())

    @admin.display(description=_("urgency"), ordering=urgency_rank("urgency"))
    def urgency_badge(self, case: Case) -> SafeString:
        return badge("urgency", case.urgency, case.get_urgency_display()) + red_flags(case)

    @admin.display(description=_("complexity"), ordering="score")
    def complexity_badge(self, case: Case) -> SafeString | str:
        title = LEVELS.get(case.complexity)
        return badge("complexity", case.complexity, title) if title else NOTHING

    @admin.display(description=_("category"), ordering="category")
    def category_title(self, case: Case) -> SafeString:
        """With how sure that is, and the flow that says so."""
        sure = f"{case.confidence:.0%} · " if case.category else ""
        return below(vars(case).get("shown_category") or case.category or NOTHING, f"{sure}{case.flow}")

    @admin.display(description=_("deadline"), ordering="deadline")
    def due(self, case: Case) -> str:
        return date_format(case.deadline, "SHORT_DATE_FORMAT") if case.deadline else NOTHING


def red_flags(case: Case) -> SafeString:
    """A mark that is read aloud as words, with the flags' ids on hover."""
    count = len(case.red_flags)
    if not count:
        return SafeString()
    words = ngettext("%d red flag", "%d red flags", count) % count
    ids = ", ".join(case.red_flags)
    mark = ' <span class="flag" role="img" aria-label="{}" title="{}">⚑ {}</span>'
    return format_html(mark, words, f"{words}: {ids}", count)


def below(text: str, small: str) -> SafeString:
    """Two lines in one cell: the list has to fit a small screen."""
    return format_html("{}<br><small>{}</small>", text, small)


def opening_words() -> Subquery:
    """The first words that somebody wrote, as far as a row needs them."""
    said = Message.objects.filter(conversation=OuterRef("conversation"), role=Message.Role.CLIENT).exclude(text="")
    return Subquery(said.order_by("number").annotate(start=Left("text", 4 * OPENING_LENGTH)).values("start")[:1])


def open_by_urgency() -> Match:
    """0 to 3 for cases that still want something, 4 for the rest."""
    is_open = Q(state__in=[*UNFINISHED])
    ranks = (When(is_open & Q(urgency=level), then=Value(rank)) for rank, level in enumerate(Priority.values))
    return Match(*ranks, default=Value(len(Priority.values)))
