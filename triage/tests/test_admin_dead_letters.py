"""Dead letters in the admin: found by error and step, retried one by one or all that match, discarded with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from triage.models import Case, TriageRun
from triage.tests.cast import bob, completed_case, staff_who_may
from triage.tests.faulty_steps import failed_case, failing, queued_case, tried

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = reverse("admin:triage_triagerun_changelist")


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(bob())
    return client


def action(name: str, *runs: TriageRun, **words: Any) -> dict[str, Any]:
    return {"action": name, "index": "0", "_selected_action": [run.pk for run in runs], **words}


def test_they_are_found_by_error_step_and_place(staff: Client) -> None:
    failed_case("assess")
    failed_case("compose", KeyError("x"))
    completed_case()
    for query, count in (
        ({"state__exact": "failed"}, 2),
        ({"error": "KeyError"}, 1),
        ({"last_step": "assess"}, 1),
        ({"q": "faulty_steps"}, 2),
    ):
        assert len(staff.get(RUNS, query).context["cl"].result_list) == count, query


def test_a_run_shows_how_its_attempts_failed(staff: Client) -> None:
    case = queued_case()
    with failing("assess", TimeoutError()):
        run = tried(case, 2)
    page = staff.get(reverse("admin:triage_triagerun_change", args=[run.pk])).content.decode()
    assert page.count("faulty_steps.py") >= 2
    assert "TimeoutError" in page


def test_the_selected_ones_are_retried_after_a_question(staff: Client) -> None:
    case, other = failed_case(), failed_case()
    run = TriageRun.objects.get(case=case)
    assert run.pk in staff.post(RUNS, action("retry", run)).content.decode()
    assert Case.objects.filter(state="failed").count() == 2
    staff.post(RUNS, action("retry", run, confirmed="yes"))
    case.refresh_from_db()
    other.refresh_from_db()
    assert (case.state, other.state) == ("queued", "failed")
    assert LogEntry.objects.get().change_message == "retry"


def test_all_that_match_the_filter_are_retried(staff: Client) -> None:
    cases = [failed_case("assess") for _ in range(3)]
    other = failed_case("compose")
    run = TriageRun.objects.filter(last_step="assess").first()
    assert run is not None
    staff.post(f"{RUNS}?last_step=assess", action("retry", run, confirmed="yes", select_across="1"))
    assert set(Case.objects.filter(state="queued")) == set(cases)
    other.refresh_from_db()
    assert other.state == "failed"


def test_what_did_not_fail_says_so(staff: Client) -> None:
    completed_case()
    page = staff.post(RUNS, action("retry", TriageRun.objects.get(), confirmed="yes"), follow=True).content.decode()
    assert TriageRun.objects.get().state == "completed"
    assert TriageRun.objects.get().pk in page


def test_a_run_is_discarded_with_a_reason_and_not_without(staff: Client) -> None:
    failed_case()
    run = TriageRun.objects.get()
    assert 'name="reason"' in staff.post(RUNS, action("discard", run, confirmed="yes", reason="")).content.decode()
    run.refresh_from_db()
    assert run.state == "failed"
    staff.post(RUNS, action("discard", run, confirmed="yes", reason="A duplicate"))
    run.refresh_from_db()
    assert (run.state, run.discard_reason, run.discarded_by) == ("discarded", "A duplicate", bob())


def test_a_priority_is_changed_with_a_reason(staff: Client) -> None:
    case = queued_case()
    run = TriageRun.objects.get()
    words = {"confirmed": "yes", "priority": "high", "reason": ""}
    assert 'name="priority"' in staff.post(RUNS, action("set_priority", run, **words)).content.decode()
    staff.post(RUNS, action("set_priority", run, **{**words, "reason": "She called"}))
    case.refresh_from_db()
    run.refresh_from_db()
    assert (case.priority, run.priority) == ("high", "high")
    page = staff.get(reverse("admin:triage_case_change", args=[case.pk])).content.decode()
    assert "bob: She called" in page


def test_who_may_not_change_cases_does_nothing(client: Client) -> None:
    failed_case()
    run = TriageRun.objects.get()
    client.force_login(staff_who_may("view_triagerun", "change_triagerun"))
    client.post(RUNS, action("retry", run, confirmed="yes"))
    client.post(RUNS, action("discard", run, confirmed="yes", reason="No"))
    run.refresh_from_db()
    assert run.state == "failed"
