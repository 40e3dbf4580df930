"""The conversation: reading it, writing in it, and ending it early."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from triage import orchestrator
from triage.errors import CaseBusy, CaseNotOpen, IdempotencyKeyReused, InvalidInput, StaleQuestion, Unavailable
from triage.forms import SayForm
from triage.pages.composing import composer
from triage.pages.keeping import keeping_context
from triage.pages.opened import Opened, case_page
from triage.pages.page import explain, show
from triage.pages.showing import bubbles, helplines, understandings
from triage.pages.wording import written_day

CORRIGIBLE = (StaleQuestion, CaseBusy, CaseNotOpen, InvalidInput, IdempotencyKeyReused, Unavailable)


@require_safe
@case_page
def case(request: HttpRequest, at: Opened) -> HttpResponse:
    return _show(request, at, change=request.GET.get("change", ""))


@require_POST
@case_page
def say(request: HttpRequest, at: Opened) -> HttpResponse:
    """The same form with and without JavaScript; what could not be taken comes back with the words kept."""
    form = SayForm(request.POST)
    try:
        if not form.is_valid():
            raise InvalidInput
        return _answer(at, form)
    except CORRIGIBLE as error:
        kept = request.POST.get("text", "")
        change = request.POST.get("question_id", "")
        return _show(request, at, change=change, text=kept, problem=explain(error), status=error.status)


def _answer(at: Opened, form: SayForm) -> HttpResponse:
    said = form.cleaned_data
    text = said["choice"] or (written_day(said["day"]) if said["day"] else said["text"])
    made = orchestrator.answer(
        actor=at.actor,
        case_id=at.case.pk,
        text=text,
        question=said["question_id"] or None,
        key=said["key"] or None,
    )
    return redirect(_next_page(at, made.status))


def _next_page(at: Opened, status: str) -> str:
    if status == "interviewing":
        return reverse("case", args=[at.case.pk]) + "#now"
    return _waiting(at)


def _waiting(at: Opened) -> str:
    """The progress page, which takes who waits on to the result."""
    return reverse("progress", args=[at.case.pk]) + "?waiting=1"


@require_POST
@case_page
def finish(request: HttpRequest, at: Opened) -> HttpResponse:
    """That is all: analyse what is known."""
    orchestrator.force_complete(actor=at.actor, case_id=at.case.pk)
    return redirect(_waiting(at))


@require_POST
@case_page
def retry(request: HttpRequest, at: Opened) -> HttpResponse:
    orchestrator.retry(actor=at.actor, case_id=at.case.pk)
    return redirect(_waiting(at))


@require_POST
@case_page
def stop(request: HttpRequest, at: Opened) -> HttpResponse:
    """The person does not want to go on."""
    orchestrator.cancel(actor=at.actor, case_id=at.case.pk)
    return redirect("case", at.case.pk)


def _show(
    request: HttpRequest, at: Opened, *, change: str = "", text: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    view = at.read()
    correctable = at.is_mine and view.status not in ("analysing", "cancelled")
    context: dict[str, object] = {
        "at": at,
        "view": view,
        "bubbles": bubbles(view, at.settled() if correctable else {}),
        "understandings": understandings(view.understood, at.flow, correctable=correctable),
        "composer": composer(at, view, change=change, text=text, problem=problem),
        "problem": problem,
        "kept": text,
        "helplines": helplines(view.red_flags),
        "complexity_title": _complexity_title(at, view.complexity),
        "has_said": any(message["role"] == "client" for message in view.messages),
        **keeping_context(at),
    }
    return show(request, "case.html", context, status)


def _complexity_title(at: Opened, complexity: dict[str, object] | None) -> str:
    if complexity is None:
        return ""
    titles = {str(level): words for level, words in at.flow.complexity.titles.items()}
    return titles[str(complexity["level"])][at.case.language]
