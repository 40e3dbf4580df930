"""Deciding otherwise than the analysis: a page with the choices of the case's flow, and a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import quote
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from triage import orchestrator
from triage.access import access_case, actor_of
from triage.admin.showing import LEVELS
from triage.admin.titles import spoken
from triage.analysis import overruling
from triage.errors import TriageError
from triage.flows.loader import flow_of
from triage.models import Case, Correction, Priority

FIELD_TITLES = dict(Correction.Field.choices)


class OverrideForm(forms.Form):
    decision = forms.ChoiceField(label=_("Decision"))
    reason = forms.CharField(
        label=_("Reason"), max_length=orchestrator.LONGEST_REASON, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decision = self.fields["decision"]
        assert isinstance(decision, forms.ChoiceField)
        groups = [
            (FIELD_TITLES[field], [(f"{field}:{value}", title) for value, title in titles_of(case, field).items()])
            for field in overruling.FIELDS
        ]
        decision.choices = [("", "—"), *groups]  # nobody decides by not choosing


def titles_of(case: Case, field: str) -> dict[str, str]:
    """What staff may decide for this case, in their words; what stands is marked."""
    marked = {_standing(case, field): gettext("%s (as it is)")}
    values = overruling.choices(flow_of(case.flow_id), field)
    return {value: marked.get(value, "%s") % field_value_title(case, field, value) for value in values}


def _standing(case: Case, field: str) -> str:
    return {"category": case.category, "complexity": case.complexity, "urgency": case.urgency}[field]


def field_value_title(case: Case, field: str, value: str) -> str:
    """A category of the case's flow, or a level, in the staff's language."""
    if field == "category":
        flow = flow_of(case.flow_id)
        return next((spoken(flow, one.title) for one in flow.categories if one.id == value), value)
    levels: dict[str, Any] = LEVELS if field == "complexity" else dict(Priority.choices)
    return str(levels.get(value, value))


def override_page(model_admin: ModelAdmin[Any], request: HttpRequest, case_id: str) -> HttpResponse:
    if not request.user.has_perm("triage.change_case"):
        raise PermissionDenied
    try:
        case = access_case(actor_of(request.user, request.session), case_id)
        form = OverrideForm(case, request.POST or None)
        if request.method == "POST" and form.is_valid():
            return _decide(request, case, form)
    except TriageError as error:
        messages.error(request, gettext(error.detail))
        return redirect("admin:triage_case_change", quote(case_id))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": gettext("Decide otherwise"),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "case": case,
        "stands": [
            (FIELD_TITLES[field], field_value_title(case, field, value))
            for field in overruling.FIELDS
            if (value := _standing(case, field))
        ],
        "form": form,
    }
    return TemplateResponse(request, "admin/triage/case/override.html", context)


def _decide(request: HttpRequest, case: Case, form: OverrideForm) -> HttpResponse:
    field, _separator, value = form.cleaned_data["decision"].partition(":")
    actor, reason = actor_of(request.user, request.session), form.cleaned_data["reason"]
    after = orchestrator.override(actor=actor, case_id=case.pk, field=field, value=value, reason=reason)
    if after.last_seq == case.last_seq:
        messages.info(request, gettext("It was so already."))
    else:
        assert isinstance(request.user, User)
        LogEntry.objects.log_actions(
            user_id=request.user.pk, queryset=[case], action_flag=CHANGE, change_message=f"override {field}: {value}"
        )
        messages.success(request, gettext("Decided. Your word stays, whatever a later analysis finds."))
    return redirect("admin:triage_case_change", quote(case.pk))
