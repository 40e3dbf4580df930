"""A run asks the classifier of the case's flow version: what it says, what becomes of it, and who sees why."""

from __future__ import annotations

import pytest
from django.test import Client

from triage import classifiers, learning, orchestrator
from triage.access import SYSTEM
from triage.analysis.semantic import installed
from triage.flows.loader import load_flow
from triage.models import Case, RunStep
from triage.tests.cast import acting, alice, bob
from triage.tests.faulty_steps import taken
from triage.tests.taught_flow import taught_flow
from triage.tests.visiting import words_of

pytestmark = pytest.mark.django_db(transaction=True)

BRAKE = "the brake squeals so loudly since last week"


@pytest.fixture(autouse=True)
def no_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "quick", lambda: None)
    for module in (classifiers, installed):
        monkeypatch.setattr(module, "embedder", lambda: None)


def analysed(*, is_trained: bool = True) -> Case:
    version, _ = load_flow(taught_flow())
    if is_trained:
        learning.train(version.pk)
    opened = orchestrator.open_case(actor=acting(alice()), flow_id="three-questions", language="en", text=BRAKE)
    orchestrator.force_complete(actor=SYSTEM, case_id=opened.case_id)
    orchestrator.analyse(claim=taken())
    return Case.objects.get(pk=opened.case_id)


def test_a_result_is_calibrated_and_says_which_analyzers_spoke() -> None:
    result = analysed().result
    assert result is not None
    assert (result["category"]["id"], result["is_calibrated"], result["flow_type"]) == ("wear", True, "direct_simple")
    assert [(stage["analyzer"], stage["status"], stage["note"]) for stage in result["stages"]] == [
        ("rules", "ok", ""),
        ("semantic", "ok", "tfidf_only"),
    ]
    assert 0 < result["confidence"] <= 1


def test_the_same_words_in_another_case_are_not_analysed_again() -> None:
    analysed()
    result = analysed().result
    assert result is not None
    assert result["stages"][1]["note"] == "tfidf_only, reused"


def test_until_somebody_has_learnt_a_result_says_that_it_is_less_than_it_could_be() -> None:
    result = analysed(is_trained=False).result
    assert result is not None
    assert (result["flow_type"], result["is_calibrated"]) == ("degraded", False)
    assert result["stages"][1] | {"ms": 0} == {
        "analyzer": "semantic",
        "status": "skipped",
        "ms": 0,
        "cost": 0.0,
        "tokens": 0,
        "note": "not_trained",
    }
    assert "degraded" in result["review"]["reasons"]


def test_what_it_is_most_like_is_for_staff_alone() -> None:
    case = analysed()
    nearest = RunStep.objects.get(name="understand").output["finding"]["nearest"][0]
    assert nearest["example"] == "the brake squeals when I pull it"
    staff, owner = Client(headers={"Accept-Language": "en"}), Client(headers={"Accept-Language": "en"})
    staff.force_login(bob())
    owner.force_login(alice())
    assert nearest["example"] in words_of(staff.get(f"/admin/triage/case/{case.pk}/change/"))
    for address in (
        f"/cases/{case.pk}/result/",
        f"/api/v2/triage/result/{case.pk}",
        f"/api/v2/triage/events/{case.pk}",
    ):
        answer = owner.get(address)
        assert answer.status_code == 200
        assert nearest["example"] not in answer.content.decode()


def test_where_nothing_is_ever_learnt_a_result_lacks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.TRIAGE_LEARNS", False)
    result = analysed(is_trained=False).result
    assert result is not None
    assert result["flow_type"] == "direct_simple"
