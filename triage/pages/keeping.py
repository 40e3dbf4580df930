"""Keeping a case and coming back to it: contact, return code, the list of one's own, forgetting it on this device."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from triage import orchestrator
from triage.access import become_guest, own_cases
from triage.credentials import actor_of_request
from triage.errors import FlowInvalid, NotAllowed, ReturnCodeUnknown
from triage.flows.loader import flow_of
from triage.forms import ContactForm, ReturnForm
from triage.models import Case
from triage.pages.opened import Opened, case_page
from triage.pages.page import explain, page, show


def keeping_context(at: Opened) -> dict[str, object]:
    """For the part "keep this" of a case's pages. Kept details are not shown again: others may hold the phone."""
    return {
        "contact_form": ContactForm(),
        "contact_is_kept": bool(at.case.contact_phone or at.case.contact_email),
        "code_is_issued": at.case.return_code_hash is not None,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@case_page
def contact(request: HttpRequest, at: Opened) -> HttpResponse:
    if request.method == "POST" and not at.is_mine:
        raise NotAllowed
    form = ContactForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return show(request, "contact.html", {"at": at, **keeping_context(at), "contact_form": form}, status)
    orchestrator.keep_contact(actor=at.actor, case_id=at.case.pk, **form.cleaned_data)
    messages.success(request, _("Thank you. We kept how to reach you."))
    return redirect("result" if at.case.state == Case.State.COMPLETED else "case", at.case.pk)


@require_POST
@case_page
def return_code(request: HttpRequest, at: Opened) -> HttpResponse:
    """Shown in the answer itself and never again: only its hash is kept."""
    code = orchestrator.issue_return_code(actor=at.actor, case_id=at.case.pk)
    return show(request, "return_code.html", {"at": at, "code": code})


@page
@require_http_methods(["GET", "HEAD", "POST"])
def return_(request: HttpRequest) -> HttpResponse:
    """Another device, or this one after its cookie was lost."""
    form = ReturnForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return show(request, "return.html", {"form": form}, 422 if form.is_bound else 200)
    become_guest(request.session)
    try:
        case = orchestrator.admit_guest(actor=actor_of_request(request), code=form.cleaned_data["code"])
    except ReturnCodeUnknown as error:
        form.add_error("code", explain(error))
        return show(request, "return.html", {"form": form}, error.status)
    return redirect("result" if case.state == Case.State.COMPLETED else "case", case.pk)


@dataclass(frozen=True, slots=True)
class Listed:
    id: str
    state: str
    flow: str
    category: str
    updated_at: datetime
    is_ready: bool


@page
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    rows = own_cases(actor_of_request(request)).order_by("-updated_at")
    return show(request, "cases.html", {"cases": [_listed(row) for row in rows]})


def _listed(case: Case) -> Listed:
    title, category = _titles(case)
    return Listed(
        id=case.pk,
        state=case.state,
        flow=title,
        category=category,
        updated_at=case.updated_at,
        is_ready=case.state == Case.State.COMPLETED,
    )


def _titles(case: Case) -> tuple[str, str]:
    """Of flow and category. A flow that cannot be read any more leaves the other cases in the list alone."""
    try:
        flow = flow_of(case.flow_id)
    except FlowInvalid:
        return case.pk, ""
    titles = (category.title[case.language] for category in flow.categories if category.id == case.category)
    return flow.title[case.language], next(titles, "")


@page
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """On a shared phone: this browser knows nothing of the cases any more; the cases stay."""
    request.session.flush()
    return redirect("start")
