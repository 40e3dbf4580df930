"""The first page: what this is, what to know before the first word, and the beginning."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods

from triage import orchestrator
from triage.access import become_guest, own_cases
from triage.credentials import actor_of_request
from triage.errors import TriageError, UnknownFlow, UnknownLanguage
from triage.flows.loader import choose_language, current_versions, flow_of
from triage.flows.schema import Flow
from triage.forms import StartForm
from triage.pages.page import explain, page, show


@dataclass(frozen=True, slots=True)
class Offer:
    """A flow as it is offered, in the language of the page where it speaks it."""

    id: str
    title: str
    description: str
    disclaimer: str
    privacy: str
    language: str


@page
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request, StartForm())
    form = StartForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        return _begin(request, form)
    except TriageError as error:
        form.add_error(None, explain(error))
        return _show(request, form, status=error.status)


def _begin(request: HttpRequest, form: StartForm) -> HttpResponse:
    asked = form.cleaned_data
    offer = next((offer for offer in _offers() if offer.id == asked["flow"]), None)
    if offer is None:
        raise UnknownFlow
    become_guest(request.session, asked["key"])
    made = orchestrator.open_case(
        actor=actor_of_request(request),
        flow_id=offer.id,
        language=offer.language,
        text=asked["text"],
        consented=asked["consent"],
        key=asked["key"] or None,
    )
    return redirect(reverse("case", args=[made.case_id]) + "#now")


def _show(request: HttpRequest, form: StartForm, status: int = 200) -> HttpResponse:
    offers, actor = _offers(), actor_of_request(request)
    wanted = form.data.get("flow") or settings.TRIAGE_DEFAULT_FLOW
    chosen = next((offer.id for offer in offers if offer.id == wanted), offers[0].id if offers else "")
    context: dict[str, object] = {
        "form": form,
        "offers": offers,
        "chosen": chosen,
        "text": form.data.get("text", ""),
        "key": secrets.token_urlsafe(32),
        "team_contact": settings.TRIAGE_CONTACT,
        "own_count": own_cases(actor).count(),
        "is_staff": actor.sees_all,
    }
    return show(request, "start.html", context, status)


def _offers() -> list[Offer]:
    flows = (flow_of(version.pk) for version in current_versions())
    return [_offer(flow) for flow in flows if flow.listed]


def _offer(flow: Flow) -> Offer:
    try:
        language = choose_language(flow, translation.get_language())
    except UnknownLanguage:
        language = flow.languages[0]
    return Offer(
        id=flow.id,
        title=flow.title[language],
        description=flow.description[language],
        disclaimer=flow.phrases.disclaimer[language],
        privacy=flow.phrases.privacy[language],
        language=language,
    )
