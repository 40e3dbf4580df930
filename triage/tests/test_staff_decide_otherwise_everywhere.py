"""What staff decided is asked for and shown wherever a case is: admin, API, pages, terminal."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from triage import orchestrator
from triage.access import create_api_key
from triage.models import Case
from triage.tests.cast import acting, alice, bob, charlie, completed_case, make_case, staff_who_may

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "I called her, it was the chain"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(bob())
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def decided(field: str = "category", value: str = "wear") -> Case:
    case = completed_case()
    orchestrator.override(actor=acting(bob()), case_id=case.pk, field=field, value=value, reason=WHY)
    return Case.objects.get(pk=case.pk)


def form_of(case: Case) -> str:
    return reverse("admin:triage_case_override", args=[quote(case.pk)])


def case_page(client: Client, case: Case) -> str:
    return str(client.get(reverse("admin:triage_case_change", args=[case.pk])).content.decode())


def with_key_of(user: Any) -> Client:
    headers = {"authorization": f"Bearer {create_api_key(user)}"}
    return Client(headers=headers, raise_request_exception=False)


def ask(client: Client, case: Case, **body: str) -> Any:
    body = {"field": "category", "value": "wear", "reason": WHY, **body}
    return client.post(f"/api/v2/triage/override/{case.pk}", body, content_type="application/json")


def test_the_admin_offers_the_flows_choices_and_takes_a_reason(staff: Client) -> None:
    case = completed_case()
    assert form_of(case) in case_page(staff, case)
    page = staff.get(form_of(case)).content.decode()
    assert 'value="category:wear">Wear<' in page
    assert 'value="category:crash">Crash (as it is)<' in page
    assert 'value="urgency:low"' in page
    response = staff.post(form_of(case), {"decision": "category:wear", "reason": WHY})
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.category == "wear"
    assert LogEntry.objects.get().change_message == "override category: wear"
    shown = case_page(staff, case)
    assert "category: Crash → Wear" in shown
    assert WHY in shown
    assert "Decided by staff" in shown


def test_the_admin_refuses_without_a_reason_and_says_when_nothing_changed(staff: Client) -> None:
    case = completed_case()
    assert staff.post(form_of(case), {"decision": "category:wear", "reason": ""}).status_code == 200
    for decision in ("", "category:nothing"):
        assert staff.post(form_of(case), {"decision": decision, "reason": "x"}).status_code == 200
    case.refresh_from_db()
    assert case.category == "crash"
    response = staff.post(form_of(case), {"decision": "category:crash", "reason": "x"})
    assert [str(one) for one in get_messages(response.wsgi_request)] == ["It was so already."]
    nothing_told = make_case(text="")
    response = staff.post(form_of(nothing_told), {"decision": "category:wear", "reason": "x"})
    assert [one.level_tag for one in get_messages(response.wsgi_request)][-1] == "error"


def test_staff_who_may_only_look_are_not_offered_it(client: Client) -> None:
    case = completed_case()
    client.force_login(staff_who_may("view_case"))
    assert form_of(case) not in case_page(client, case)
    assert client.get(form_of(case)).status_code == 403
    assert client.post(form_of(case), {"decision": "category:wear", "reason": "x"}).status_code == 403


def test_the_api_takes_it_from_staff_alone() -> None:
    case = completed_case()
    answer = ask(with_key_of(bob()), case)
    assert answer.status_code == 200, answer.content
    assert answer.json()["state"]["category"]["id"] == "wear"
    assert answer.json()["state"]["overridden"]["category"]["reason"] == WHY
    for user in (alice(), charlie(), staff_who_may("view_case")):
        assert ask(with_key_of(user), case).json()["code"] == "not_allowed"
    assert ask(Client(), case).status_code == 401


def test_the_api_names_what_is_wrong() -> None:
    case, client = completed_case(), with_key_of(bob())
    wrong = [
        ({"value": "nothing"}, "unknown_category"),
        ({"field": "urgency", "value": "soon"}, "invalid_input"),
        ({"field": "state", "value": "failed"}, "invalid_input"),
        ({"reason": ""}, "invalid_input"),
        ({"reason": " \t"}, "invalid_input"),
        ({"reason": "\x00"}, "invalid_input"),
    ]
    for body, code in wrong:
        answer = ask(client, case, **body)
        assert (answer.status_code, answer.json()["code"]) == (422, code), body
    assert client.post("/api/v2/triage/override/case_no", {}, content_type="application/json").status_code == 422
    body = {"field": "category", "value": "wear", "reason": "x"}
    unknown = client.post("/api/v2/triage/override/case_no", body, content_type="application/json")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "case_not_found")


def test_the_apis_result_shows_both_and_the_reason_to_staff_alone() -> None:
    case = decided()
    theirs = with_key_of(alice()).get(f"/api/v2/triage/result/{case.pk}").json()
    assert theirs["case_type"] == "wear"
    assert theirs["triage_data"]["overridden"]["category"]["old"] == "crash"
    assert WHY not in str(theirs)
    assert "bob" not in str(theirs)
    ours = with_key_of(bob()).get(f"/api/v2/triage/result/{case.pk}").json()
    assert ours["analysis_details"]["overridden"]["category"]["reason"] == WHY


@pytest.mark.parametrize(
    ("field", "value", "title", "found"), [("category", "wear", "Wear", "Crash"), ("urgency", "low", "Low", "Critical")]
)
def test_the_clients_pages_show_the_new_value_and_that_a_person_set_it(
    field: str, value: str, title: str, found: str
) -> None:
    case, client = decided(field, value), Client(headers={"accept-language": "en"})
    client.force_login(alice())
    for name in ("result", "case", "progress"):
        page = client.get(reverse(name, args=[case.pk])).content.decode()
        assert WHY not in page
        assert "bob" not in page
        if name != "progress":
            assert title in page
            assert "A person of our team set this." in page
        if name == "result":
            assert f"The automatic analysis had found: {found}." in page
        if name == "progress":
            assert "A person of the team looked at your case" in page


def test_watch_tells_it(capsys: pytest.CaptureFixture[str]) -> None:
    case = decided()
    output = io.StringIO()
    call_command("watch", case.pk, stdout=output)
    told = output.getvalue() + capsys.readouterr().out
    assert "crash → wear" in " ".join(told.split())
    assert WHY in " ".join(told.split())
