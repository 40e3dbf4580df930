"""A changed flow is a new version; cases go on under the one they began with."""

from __future__ import annotations

import pytest

from triage import orchestrator
from triage.access import SYSTEM
from triage.flows.loader import current_version, flow_of, load_flow
from triage.flows.schema import Flow
from triage.models import Case
from triage.tests.loaded_flows import load_small_flow
from triage.tests.small_flow import SMALL, flow_with

pytestmark = pytest.mark.django_db(transaction=True)


def asking(words: str) -> Flow:
    return flow_with(lambda data: data["questions"][0]["text"].update(en=words))


def begun() -> Case:
    outcome = orchestrator.open_case(
        actor=SYSTEM, flow_id=SMALL.id, language="en", text="A crash on the street", key=None
    )
    return Case.objects.get(pk=outcome.case_id)


def test_the_same_content_is_the_same_version() -> None:
    first = load_small_flow()
    assert load_flow(SMALL) == (first, False)


def test_a_case_keeps_the_version_that_it_began_with() -> None:
    first = load_small_flow()
    case = begun()
    second, is_new = load_flow(asking("On which day?"))
    assert (second.version, is_new) == (first.version + 1, True)
    repeated = orchestrator.answer(actor=SYSTEM, case_id=case.pk, text="a good while ago")
    assert repeated.question is not None
    assert repeated.question["text"] == "When did it happen?"
    case.refresh_from_db()
    assert case.flow == first
    assert begun().flow == second


def test_going_back_to_an_older_content_counts_upwards() -> None:
    load_small_flow()
    load_flow(asking("On which day?"))
    again, is_new = load_flow(SMALL)
    assert (again.version, is_new) == (3, True)
    assert flow_of(current_version(SMALL.id).pk) == SMALL
