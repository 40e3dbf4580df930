"""For staff: what waits, what works, what failed, and who is asked for. Complete without JavaScript; with it the parts
of the page are fetched again whenever something moved."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from conversations.transcript import storable
from triage import orchestrator
from triage.access import Actor
from triage.board.figures import collect
from triage.board.filters import Filters
from triage.errors import Conflict, InvalidInput, NotFound
from triage.models import Priority, TriageRun
from triage.pages.page import explain, show, staff_page

REFRESH_SECONDS = 15
MOVED_ON = _("Nothing was changed: somebody was quicker, or the run has moved on.")


@require_safe
@staff_page
def board(request: HttpRequest, actor: Actor) -> HttpResponse:
    return show(request, "board.html", _context(request, actor))


@require_safe
@staff_page
def parts(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What of the page moves, alone."""
    return show(request, "board/parts.html", _context(request, actor))


@require_POST
@staff_page
def retry(request: HttpRequest, actor: Actor, run_id: str) -> HttpResponse:
    def act() -> str:
        orchestrator.retry_run(actor=actor, run_id=run_id)
        return gettext("The run waits again and goes on at the step that failed.")

    return _back(request, act)


@require_POST
@staff_page
def retry_all(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The dead letters of one cause, or of every cause where that is asked for, of all lanes."""

    def act() -> str:
        error, step = (storable(request.POST.get(name, "")) for name in ("error", "step"))
        if not error and request.POST.get("every") != "1":
            raise InvalidInput
        outcome = orchestrator.retry_matching(actor=actor, error=error, last_step=step)
        count = len(outcome.runs)
        if not count:
            return gettext("No run of this cause waits for anybody any more.")
        return ngettext("%d run waits again.", "%d runs wait again.", count) % count

    return _back(request, act)


@require_POST
@staff_page
def discard(request: HttpRequest, actor: Actor, run_id: str) -> HttpResponse:
    def act() -> str:
        orchestrator.discard_run(actor=actor, run_id=run_id, reason=request.POST.get("reason", ""))
        return gettext("The run was discarded.")

    return _back(request, act)


@require_POST
@staff_page
def acknowledge(request: HttpRequest, actor: Actor, alert_id: int) -> HttpResponse:
    def act() -> str:
        alert = orchestrator.acknowledge_alert(actor=actor, alert_id=alert_id)
        if alert.acknowledged_by_id != actor.user_id:
            return gettext("%s had acknowledged this alert already.") % (alert.acknowledged_by or "–")
        return gettext("You have acknowledged the alert. It is yours to see to now.")

    return _back(request, act)


def _back(request: HttpRequest, act: Callable[[], str]) -> HttpResponse:
    """Do it, say what came of it, and show the board as it was filtered. A second click finds nothing left to do."""
    try:
        messages.success(request, act())
    except Conflict:
        messages.warning(request, str(MOVED_ON))
    except InvalidInput:
        messages.error(request, gettext("Nothing was changed: please say why, in at most 300 characters."))
    except NotFound as error:
        messages.error(request, explain(error))
    query = Filters.of_query(request.GET).query
    return redirect(f"{reverse('board')}?{query}" if query else reverse("board"))


def _context(request: HttpRequest, actor: Actor) -> dict[str, object]:
    filters = Filters.of_query(request.GET)
    return {
        "board": collect(filters),
        "filters": filters,
        "query": f"?{filters.query}" if filters else "",
        "lanes": TriageRun.Lane.choices,
        "priorities": Priority.choices,
        "states": TriageRun.State.choices,
        "shows_runs": filters.state != TriageRun.State.FAILED,
        "shows_dead_letters": filters.state in ("", TriageRun.State.FAILED),
        "may_change": actor.changes_all,
        "refresh_seconds": None if "still" in request.GET else REFRESH_SECONDS,
        "longest_reason": orchestrator.LONGEST_REASON,
    }
