"""Watching the analysis: complete without JavaScript, which only makes it livelier."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from triage.pages.opened import Opened, case_page
from triage.pages.page import show
from triage.pages.showing import helplines, story
from triage.projection import fold

REFRESH_SECONDS = {"queued": 2, "analysing": 2, "interviewing": 15, "failed": 15}


@require_safe
@case_page
def progress(request: HttpRequest, at: Opened) -> HttpResponse:
    """Who waited on this page is taken to the result; who opens it afterwards may read what happened."""
    events = at.events()
    view = fold(events, at.actor.audience)
    if view.status == "completed" and "waiting" in request.GET:
        return redirect("result", at.case.pk)
    context: dict[str, object] = {
        "at": at,
        "view": view,
        "helplines": helplines(view.red_flags),
        "story": story(events, view),
        "refresh_seconds": REFRESH_SECONDS.get(view.status),
    }
    return show(request, "progress.html", context)
