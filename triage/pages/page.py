"""What every page shares: its headers, its language, and errors that stay kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _

from triage.access import Actor
from triage.credentials import actor_of_request
from triage.errors import CaseNotFound, NotAllowed, NotSignedIn, TriageError, Unavailable

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

# Everything a page needs is served from here; a script that somebody manages to write into a message is not run.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
EXPLAINED = {
    NotSignedIn.code: _("This page opens only on the device where you began. A return code opens it on another one."),
    CaseNotFound.code: _("We did not find this conversation. If you have a return code, it will take you there."),
    NotAllowed.code: _("You may look at this, but not change it."),
    "case_not_open": _("This conversation takes no more messages now. What you wrote is still here."),
    "case_busy": _("The conversation is busy at this moment. What you wrote is still here: please send it again."),
    "stale_question": _("That question was already settled, perhaps in another tab. What you wrote is still here."),
    "idempotency_key_reused": _("This form was already sent. What you wrote is still here: please send it again."),
    "invalid_input": _("We could not take this as it is. What you wrote is still here."),
    "transition_refused": _("That is not possible at this moment."),
    "batch_not_found": _("There is no such batch."),
    "run_not_found": _("There is no such run."),
    "alert_not_found": _("There is no such alert."),
    "return_code_unknown": _("No conversation has this code. Please check each letter and number."),
    "unavailable": _("This is unavailable for a moment. Please try again in a few seconds."),
    "unknown_flow": _("Please choose one of the subjects offered."),
}


def page(view: View[P]) -> View[P]:
    """Errors of the tree become a page with their status; nothing of a page stays on a shared phone."""

    @wraps(view)
    def served(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        wanted = _choose_language(request)
        try:
            response = view(request, *args, **kwargs)
        except TriageError as error:
            response = error_page(request, error)
        except OperationalError:
            response = error_page(request, Unavailable())
        if wanted is not None:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME, wanted, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
            )
        response["Cache-Control"] = "no-store"
        response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        patch_vary_headers(response, ["Cookie"])
        return response

    return served


def staff_page(
    view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Who is not signed in is asked to; everybody else needs the right to see all cases."""

    @page
    @wraps(view)
    def served(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        actor = actor_of_request(request)
        if not actor.sees_all:
            raise PermissionDenied
        return view(request, actor, *args, **kwargs)

    return served


def show(request: HttpRequest, template: str, context: dict[str, object], status: int = HTTPStatus.OK) -> HttpResponse:
    """Rendered at once, so that it speaks the language that is active now, and says so."""
    response = render(request, template, context, status=status)
    response["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
    return response


def error_page(request: HttpRequest, error: TriageError) -> HttpResponse:
    context = {"status": error.status, "explanation": explain(error)}
    response = show(request, "error.html", context, error.status)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response


def explain(error: TriageError) -> str:
    """A sentence for a frightened person, in the language of the page."""
    return str(EXPLAINED.get(error.code, _("Something did not work. Please try again.")))


def interface_language(tag: str) -> str:
    """The language of the pages for a flow's language ("pt-BR" → "pt-br"); the active one if there is none."""
    try:
        return translation.get_supported_language_variant(tag.lower())
    except LookupError:
        return translation.get_language() or settings.LANGUAGE_CODE


def _choose_language(request: HttpRequest) -> str | None:
    """`?lang=`: for this page and, by a cookie, for those that follow."""
    if not (tag := request.GET.get("lang", "")):
        return None
    wanted = interface_language(tag)
    translation.activate(wanted)
    request.LANGUAGE_CODE = wanted
    return wanted
