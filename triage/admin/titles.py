"""What categories and flows are called, in the staff's language; ids where a flow has dropped them."""

from __future__ import annotations

from django.db.models import Max
from django.utils.translation import get_language

from triage.errors import UnknownLanguage
from triage.flows.loader import choose_language, flow_of
from triage.flows.schema import Flow, Words
from triage.models import FlowVersion


def newest_flows() -> dict[str, Flow]:
    """The newest version of each flow by its id: one query, whatever the number of versions and cases."""
    newest = FlowVersion.objects.order_by("flow").values("flow").annotate(newest=Max("pk"))
    return {row["flow"]: flow_of(row["newest"]) for row in newest}


def category_titles() -> dict[tuple[str, str], str]:
    """By flow and category."""
    return {
        (flow_id, category.id): spoken(flow, category.title)
        for flow_id, flow in newest_flows().items()
        for category in flow.categories
    }


def spoken(flow: Flow, words: Words) -> str:
    """In the language of the page if the flow speaks it, else in the flow's first."""
    try:
        return words[choose_language(flow, get_language())]
    except UnknownLanguage:
        return words[flow.languages[0]]
