"""Filters over the words of flows and of the assessment, which the columns hold as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from triage.admin.showing import LEVELS
from triage.admin.titles import category_titles, newest_flows, spoken
from triage.models import Case

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Lookups = list[tuple[str, str | _StrPromise]]


class FlowFilter(admin.SimpleListFilter):
    """Whatever version a case began with."""

    title = _("flow")
    parameter_name = "flow"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        return [(flow_id, spoken(flow, flow.title)) for flow_id, flow in newest_flows().items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        return queryset.filter(flow__flow=self.value()) if self.value() else queryset


class CategoryFilter(admin.SimpleListFilter):
    """From the flows and not from the cases, which would all have to be read; each category with its flow."""

    title = _("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        flows = {flow_id: spoken(flow, flow.title) for flow_id, flow in newest_flows().items()}
        titles = {
            f"{flow_id}/{category}": f"{title} ({flows[flow_id]})" if len(flows) > 1 else title
            for (flow_id, category), title in category_titles().items()
        }
        return [*sorted(titles.items(), key=lambda pair: pair[1].casefold())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        if not (chosen := self.value()):
            return queryset
        flow_id, _slash, category = chosen.partition("/")
        return queryset.filter(flow__flow=flow_id, category=category)


class ComplexityFilter(admin.SimpleListFilter):
    title = _("complexity")
    parameter_name = "complexity"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        return list(LEVELS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        return queryset.filter(complexity=self.value()) if self.value() else queryset


class RedFlagFilter(admin.SimpleListFilter):
    title = _("red flags")
    parameter_name = "red_flags"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        if self.value() == "yes":
            return queryset.exclude(red_flags=[])
        return queryset.filter(red_flags=[]) if self.value() == "no" else queryset
