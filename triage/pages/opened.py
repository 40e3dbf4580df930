"""A case that somebody opened: fetched, authorised, in its own language and time zone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from triage import eventlog
from triage.access import Actor, access_case, own_cases
from triage.credentials import actor_of_request
from triage.errors import TriageError
from triage.events import Stored
from triage.flows.loader import flow_of
from triage.flows.schema import Flow
from triage.models import Answer, Case
from triage.pages.page import error_page, interface_language, page
from triage.projection import CaseView, fold

SETTLING = ("answer", "skip")


@dataclass(frozen=True, slots=True)
class Opened:
    """`is_mine`: the person may write; staff who only look may not."""

    actor: Actor
    case: Case
    flow: Flow
    is_mine: bool

    def events(self) -> list[Stored]:
        return eventlog.all_of(self.case.pk)

    def read(self) -> CaseView:
        """State and `last_seq` in one read: what follows on the stream is what this does not show yet."""
        return fold(self.events(), self.actor.audience)

    def settled(self) -> dict[str, str]:
        """Which message settled which question (message id → question id): these answers can be changed."""
        rows = Answer.objects.filter(case=self.case, kind__in=SETTLING).exclude(question="").order_by("number")
        latest = {question: message for message, question in rows.values_list("message_id", "question")}
        return {message: question for question, message in latest.items()}


CaseView_ = Callable[[HttpRequest, Opened], HttpResponse]


def case_page(view: CaseView_) -> Callable[..., HttpResponse]:
    """A page of one case; its errors too speak the case's language."""

    @page
    @wraps(view)
    def served(request: HttpRequest, case_id: str) -> HttpResponse:
        opened = _open(request, case_id)
        language = interface_language(opened.case.language)
        with translation.override(language), timezone.override(opened.flow.time_zone):
            try:
                return view(request, opened)
            except TriageError as error:
                return error_page(request, error)

    return served


def _open(request: HttpRequest, case_id: str) -> Opened:
    actor = actor_of_request(request)
    case = access_case(actor, case_id)
    is_mine = not actor.sees_all or own_cases(actor).filter(pk=case.pk).exists()
    return Opened(actor, case, flow_of(case.flow_id), is_mine)
