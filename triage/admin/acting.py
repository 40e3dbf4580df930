"""Verbs as staff actions: asked once more, then one case at a time, with what became of each.

A case that refuses does not keep the others waiting. Both the list and the buttons of a case's page come here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import quote
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from triage import orchestrator
from triage.access import Actor, actor_of
from triage.errors import TriageError
from triage.models import Case
from triage.orchestrator.ending import TALKING, UNFINISHED

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MOST_SHOWN = 50
"""Cases named on the page that asks, and refusals named afterwards; beyond it they are counted."""


class CaseVerb(Protocol):
    def __call__(self, *, actor: Actor, case_id: str) -> Case: ...


@dataclass(frozen=True, slots=True)
class Deed:
    """A verb as staff know it. `fits`: the states in which a case's page offers it."""

    name: str
    verb: CaseVerb
    title: _StrPromise
    question: _StrPromise
    done: Callable[[int], str]
    fits: frozenset[str]


CANCEL = Deed(
    "cancel",
    orchestrator.cancel,
    _("Cancel"),
    _("Cancel these cases? Nobody will analyse them any more; what was said is kept."),
    lambda count: ngettext("%d case was cancelled.", "%d cases were cancelled.", count) % count,
    frozenset(UNFINISHED),
)
RETRY = Deed(
    "retry",
    orchestrator.retry,
    _("Analyse again"),
    _("Analyse these cases again? A failed analysis goes on where it failed; a completed one starts over."),
    lambda count: ngettext("%d case is analysed again.", "%d cases are analysed again.", count) % count,
    frozenset({Case.State.FAILED, Case.State.COMPLETED}),
)
FORCE_COMPLETE = Deed(
    "force_complete",
    orchestrator.force_complete,
    _("End the interview"),
    _("End these interviews now, and analyse what is known?"),
    lambda count: ngettext("%d interview was ended.", "%d interviews were ended.", count) % count,
    frozenset(TALKING),
)
DEEDS = (FORCE_COMPLETE, RETRY, CANCEL)


def act(model_admin: ModelAdmin[Any], request: HttpRequest, cases: QuerySet[Case], deed: Deed) -> HttpResponse | None:
    """Ask first; once confirmed, do it. None sends staff back to the list they came from."""
    if "confirmed" not in request.POST:
        return _ask(model_admin, request, cases, deed)
    _perform(request, cases, deed)
    if case_id := request.POST.get("from_case"):
        return redirect("admin:triage_case_change", quote(case_id))
    return None


def _ask(model_admin: ModelAdmin[Any], request: HttpRequest, cases: QuerySet[Case], deed: Deed) -> HttpResponse:
    from_case = request.POST.get("from_case", "")
    context = {
        **model_admin.admin_site.each_context(request),
        "title": deed.title,
        "opts": model_admin.opts,
        "media": model_admin.media,
        "deed": deed,
        "cases": cases.select_related(None).only("id", "state", "contact_name")[:MOST_SHOWN],
        "more": max(0, cases.count() - MOST_SHOWN),
        "checkbox": ACTION_CHECKBOX_NAME,
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "from_case": from_case,
        "back": reverse("admin:triage_case_change", args=[quote(from_case)]) if from_case else request.get_full_path(),
    }
    return TemplateResponse(request, "admin/triage/case/confirm.html", context)


def _perform(request: HttpRequest, cases: QuerySet[Case], deed: Deed) -> None:
    actor = actor_of(request.user, request.session)
    done: list[str] = []
    idle: list[str] = []
    refused: list[str] = []
    for case_id, last_seq in cases.order_by().values_list("pk", "last_seq"):
        try:
            after = deed.verb(actor=actor, case_id=case_id)
        except TriageError as error:
            refused.append(f"{case_id}: {gettext(error.detail)}")
        else:
            (done if after.last_seq > last_seq else idle).append(case_id)
    _note(request, done, deed)
    _report(request, deed, done, idle, refused)


def _note(request: HttpRequest, case_ids: Iterable[str], deed: Deed) -> None:
    """In the admin's history: which of the staff it was, which a case's own events do not say."""
    assert isinstance(request.user, User)
    LogEntry.objects.log_actions(
        user_id=request.user.pk,
        queryset=Case.objects.filter(pk__in=list(case_ids)).only("id"),
        action_flag=CHANGE,
        change_message=deed.name,
    )


def _report(request: HttpRequest, deed: Deed, done: list[str], idle: list[str], refused: list[str]) -> None:
    if done:
        messages.success(request, f"{deed.done(len(done))} {_listed(done)}")
    if idle:
        text = ngettext("%d case was so already.", "%d cases were so already.", len(idle)) % len(idle)
        messages.info(request, f"{text} {_listed(idle)}")
    for line in refused[:MOST_SHOWN]:
        messages.error(request, line)
    if len(refused) > MOST_SHOWN:
        messages.error(request, gettext("And %d more were refused.") % (len(refused) - MOST_SHOWN))


def _listed(case_ids: list[str]) -> str:
    return ", ".join(case_ids[:MOST_SHOWN]) + (" …" if len(case_ids) > MOST_SHOWN else "")
