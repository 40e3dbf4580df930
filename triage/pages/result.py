"""The result: what it is, how urgent, what to do, what it rests on, and how to keep it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from triage.pages.keeping import keeping_context
from triage.pages.opened import Opened, case_page
from triage.pages.page import show
from triage.pages.showing import helplines, understandings


@require_safe
@case_page
def result(request: HttpRequest, at: Opened) -> HttpResponse:
    """Before its time it sends on to the progress page, which knows when the time has come."""
    view = at.read()
    if view.result is None:
        return redirect("progress", at.case.pk)
    context: dict[str, object] = {
        "at": at,
        "view": view,
        "result": view.result,
        "helplines": helplines(view.result["red_flags"]),
        "understandings": understandings(view.result["understood"], at.flow, correctable=at.is_mine),
        "team_contact": settings.TRIAGE_CONTACT,
        "disclaimer": at.flow.phrases.disclaimer[at.case.language],
        **keeping_context(at),
    }
    return show(request, "result.html", context)
