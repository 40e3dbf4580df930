"""For staff: how often they decide otherwise than the analysis, and what has drifted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from triage.access import Actor
from triage.board import spending
from triage.board.quality import FIELDS, Month, quality
from triage.errors import UnknownLanguage
from triage.flows.loader import choose_language, current_versions, flow_of
from triage.models import Correction
from triage.pages.page import show, staff_page


@require_safe
@staff_page
def board_quality(request: HttpRequest, actor: Actor) -> HttpResponse:
    found, titles = quality(), _titles()
    labels = dict(Correction.Field.choices)
    context: dict[str, object] = {
        "quality": found,
        "spending": spending.lately(),
        "agreement": [(labels[name], *_both(name, found.recent, found.before)) for name in FIELDS],
        "categories": [(titles.get((one.flow, one.category), one.category), one) for one in found.categories],
    }
    return show(request, "board/quality.html", context)


def _both(name: str, recent: Month, before: Month) -> tuple[float | None, float | None]:
    return recent.agreement[name], before.agreement[name]


def _titles() -> dict[tuple[str, str], str]:
    """Of the categories of all current flows, in the language of the page if the flow speaks it."""
    titles: dict[tuple[str, str], str] = {}
    for version in current_versions():
        flow = flow_of(version.pk)
        try:
            language = choose_language(flow, get_language())
        except UnknownLanguage:
            language = flow.languages[0]
        titles |= {(flow.id, category.id): category.title[language] for category in flow.categories}
    return titles
