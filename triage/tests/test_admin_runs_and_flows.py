"""Runs and flow versions are there to read; a run is tried again through its case."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from triage.flows.loader import load_flow
from triage.models import FlowVersion, TriageRun
from triage.tests.cast import bob, completed_case, make_case, staff_who_may
from triage.tests.loaded_flows import load_small_flow
from triage.tests.small_flow import flow_with

pytestmark = pytest.mark.django_db(transaction=True)
RUNS, FLOWS = reverse("admin:triage_triagerun_changelist"), reverse("admin:triage_flowversion_changelist")


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(bob())
    return client


def test_a_run_shows_its_steps_and_leads_to_its_case(client: Client) -> None:
    case = completed_case()
    client.force_login(staff_who_may("view_triagerun"))
    run = TriageRun.objects.get(case=case)
    page = client.get(reverse("admin:triage_triagerun_change", args=[run.pk])).content.decode()
    for words in ("understand", "assess", "compose", case.pk, "&quot;analyzer&quot;"):
        assert words in page, words
    assert 'name="_save"' not in page


def test_runs_are_filtered(staff: Client) -> None:
    completed_case()
    for query, count in (({"state__exact": "completed"}, 1), ({"state__exact": "failed"}, 0), ({"lane": "batch"}, 0)):
        assert len(staff.get(RUNS, query).context["cl"].result_list) == count


def test_flow_versions_are_listed_with_their_cases(staff: Client) -> None:
    make_case()
    load_small_flow("endless")
    listed = {(row.flow, row.cases_begun) for row in staff.get(FLOWS).context["cl"].result_list}
    assert listed == {("three-questions", 1), ("endless", 0)}


def test_a_flow_version_is_read_and_not_edited(staff: Client) -> None:
    change = reverse("admin:triage_flowversion_change", args=[load_small_flow().pk])
    page = staff.get(change).content.decode()
    assert "Bicycle workshop" in page
    assert 'name="_save"' not in page
    assert staff.post(change, {"document": "{}"}).status_code == 403
    assert FlowVersion.objects.get().document


def test_a_flow_versions_examples_are_counted_and_not_shown(staff: Client) -> None:
    said = [f"The wheel is bent {number}" for number in range(30)]
    told = {"examples": {"crash": {"en": said}}, "out_of_scope": {"en": ["Hello"]}}
    version, _is_new = load_flow(flow_with(lambda data: data.update(told)))
    page = staff.get(
        reverse("admin:triage_flowversion_change", args=[version.pk]), headers={"accept-language": "en"}
    ).content.decode()
    assert "Example sentences are counted here, not shown." in page
    assert "&quot;en&quot;: &quot;30 sentences&quot;" in page
    assert "&quot;en&quot;: &quot;1 sentence&quot;" in page
    assert "The wheel is bent" not in page


def test_more_runs_cost_no_more_queries(staff: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    cases = [make_case() for _ in range(20)]
    TriageRun.objects.bulk_create(TriageRun(id=f"run_{number}", case=case) for number, case in enumerate(cases))
    with django_assert_max_num_queries(10):
        staff.get(RUNS)
