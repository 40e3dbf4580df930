"""Verbs on runs as staff actions: asked once more, with a form where the verb wants a word, then one run at a time.

"Select all" of the list makes it every run that matches the filter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from triage import orchestrator
from triage.access import actor_of
from triage.admin.acting import MOST_SHOWN
from triage.errors import TriageError
from triage.models import Priority, TriageRun

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=orchestrator.LONGEST_REASON)


class PriorityForm(ReasonForm):
    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices)
    field_order = ["priority", "reason"]


@dataclass(frozen=True, slots=True)
class RunDeed:
    """A verb as staff know it; `form` asks for what it takes besides the run."""

    name: str
    verb: Callable[..., object]
    title: _StrPromise
    question: _StrPromise
    done: Callable[[int], str]
    form: type[forms.Form] = forms.Form


RETRY_RUN = RunDeed(
    "retry",
    orchestrator.retry_run,
    _("Try again"),
    _("Try these runs again? Each goes on at the step that failed; what its other steps found is kept."),
    lambda count: ngettext("%d run is tried again.", "%d runs are tried again.", count) % count,
)
SET_PRIORITY = RunDeed(
    "set_priority",
    orchestrator.set_priority_of_run,
    _("Change the priority"),
    _("Analyse the cases of these runs sooner or later? The reason is kept in their history, for staff alone."),
    lambda count: ngettext("%d case has this priority now.", "%d cases have this priority now.", count) % count,
    PriorityForm,
)
DISCARD_RUN = RunDeed(
    "discard",
    orchestrator.discard_run,
    _("Discard"),
    _("Discard these runs? Their cases stay failed, and nobody is asked to look at the runs any more."),
    lambda count: ngettext("%d run was discarded.", "%d runs were discarded.", count) % count,
    ReasonForm,
)


def act_on_runs(
    model_admin: ModelAdmin[Any], request: HttpRequest, runs: QuerySet[TriageRun], deed: RunDeed
) -> HttpResponse | None:
    """Ask first; once confirmed, do it. None sends staff back to the list they came from."""
    confirmed = "confirmed" in request.POST
    form = deed.form(request.POST if confirmed else None)
    if not confirmed or not form.is_valid():
        return _ask(model_admin, request, runs, deed, form)
    _perform(request, runs, deed, form.cleaned_data)
    return None


def _ask(
    model_admin: ModelAdmin[Any], request: HttpRequest, runs: QuerySet[TriageRun], deed: RunDeed, form: forms.Form
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": deed.title,
        "opts": model_admin.opts,
        "media": model_admin.media,
        "deed": deed,
        "form": form,
        "runs": runs.only("id", "state", "error", "last_step")[:MOST_SHOWN],
        "more": max(0, runs.count() - MOST_SHOWN),
        "checkbox": ACTION_CHECKBOX_NAME,
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "back": request.get_full_path(),
    }
    return TemplateResponse(request, "admin/triage/triagerun/confirm.html", context)


def _perform(request: HttpRequest, runs: QuerySet[TriageRun], deed: RunDeed, words: dict[str, Any]) -> None:
    actor = actor_of(request.user, request.session)
    done: list[str] = []
    refused: list[str] = []
    for run_id in list(runs.order_by("created_at").values_list("pk", flat=True)):
        try:
            deed.verb(actor=actor, run_id=run_id, **words)
        except TriageError as error:
            refused.append(f"{run_id}: {gettext(error.detail)}")
        else:
            done.append(run_id)
    _note(request, done, deed)
    if done:
        messages.success(request, deed.done(len(done)))
    for line in refused[:MOST_SHOWN]:
        messages.error(request, line)
    if len(refused) > MOST_SHOWN:
        messages.error(request, gettext("And %d more were refused.") % (len(refused) - MOST_SHOWN))


def _note(request: HttpRequest, run_ids: list[str], deed: RunDeed) -> None:
    """In the admin's history: which of the staff it was."""
    assert isinstance(request.user, User)
    LogEntry.objects.log_actions(
        user_id=request.user.pk,
        queryset=TriageRun.objects.filter(pk__in=run_ids).only("id"),
        action_flag=CHANGE,
        change_message=deed.name,
    )
