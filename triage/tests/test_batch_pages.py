"""Staff upload a file, see its mistakes by line, start it, watch it, and take its results home."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from triage import orchestrator
from triage.access import SYSTEM
from triage.models import Batch, Case
from triage.tests.batch_files import TEXT, csv_file, made_batch, numbered, running_batch, work
from triage.tests.cast import bob, charlie, staff_who_may
from triage.tests.loaded_flows import load_small_flow
from triage.tests.visiting import words_of

pytestmark = pytest.mark.django_db(transaction=True)


def visit(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def upload(client: Client, content: bytes, name: str = "cases.csv", **fields: str) -> Any:
    load_small_flow()
    data = {"flow": "three-questions", "language": "en", "file": SimpleUploadedFile(name, content), **fields}
    return client.post("/batches/", data)


def test_from_the_upload_to_the_results() -> None:
    staff = visit(bob())
    response = upload(staff, numbered(3).getvalue())
    batch = Batch.objects.get()
    assert response.url == f"/batches/{batch.pk}/"
    assert batch.owner == bob()
    assert "0 of 3 cases done" in words_of(staff.get(response.url))
    staff.post(f"/batches/{batch.pk}/start/")
    work()
    page = words_of(staff.get(response.url))
    assert "100 %" in page
    assert "3 of 3 cases done" in page
    assert "cases.csv" in words_of(staff.get("/batches/"))
    table = staff.get(f"/batches/{batch.pk}/results.csv")
    assert b"".join(table).decode().count("case_") == 4  # the head's case_id too


def test_mistakes_are_listed_by_line_and_the_rest_may_start() -> None:
    staff = visit(bob())
    address = upload(staff, csv_file("external_id,text,hurt", f"1,{TEXT},maybe", "2,,", f"3,{TEXT},no").getvalue()).url
    page = words_of(staff.get(address))
    assert "Line 2 “maybe” is not understood as “hurt”. (1)" in page
    assert "Line 3 The text is missing. (2)" in page
    assert "Start without the rows that have mistakes" in page
    refused = staff.post(f"{address}start/")
    assert refused.status_code == 409
    staff.post(f"{address}start/", {"skip_bad": "on"})
    assert work() == 1


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"words\nhello", "a.csv", "Unknown columns: “words”. The columns may be: text, external_id"),
        (b"%PDF", "a.pdf", "Only .csv, .jsonl, .xlsx files are read"),
        (b"text\n", "a.csv", "The file has no rows."),
        (b"", "a.csv", "The file is empty."),
    ],
)
def test_a_file_that_cannot_be_read_is_explained_beside_the_form(content: bytes, name: str, words: str) -> None:
    response = upload(visit(bob()), content, name)
    assert response.status_code == 422
    assert words in words_of(response)
    assert not Batch.objects.exists()


def test_a_form_without_a_file_is_explained() -> None:
    response = visit(bob()).post("/batches/", {"flow": "three-questions", "language": "en"})
    assert response.status_code == 422
    assert "Please choose a file." in words_of(response)


def test_pause_go_on_and_cancel() -> None:
    staff, batch = visit(bob()), running_batch(20)
    address = f"/batches/{batch.pk}/"
    work(2)
    assert 'id="pause"' in staff.get(address).content.decode()
    staff.post(f"{address}pause/")
    assert 'id="resume"' in staff.get(address).content.decode()
    staff.post(f"{address}resume/")
    staff.post(f"{address}cancel/")
    orchestrator.tend_batches()
    page = staff.get(address)
    assert "Cancelled" in words_of(page)
    assert "<form" not in page.content.decode()
    assert not Case.objects.filter(state="queued").exists()


def test_without_javascript_a_page_refreshes_itself_while_something_moves() -> None:
    staff, batch = visit(bob()), running_batch(1)
    for address in ("/batches/", f"/batches/{batch.pk}/"):
        assert '<noscript><meta http-equiv="refresh"' in staff.get(address).content.decode()
    work()
    for address in ("/batches/", f"/batches/{batch.pk}/"):
        assert 'http-equiv="refresh"' not in staff.get(address).content.decode()


def test_nobody_but_staff_sees_batches() -> None:
    batch = made_batch(numbered(1))
    for address in ("/batches/", f"/batches/{batch.pk}/", f"/batches/{batch.pk}/results.csv"):
        assert Client().get(address)["Location"] == f"/admin/login/?next={address}"
        assert visit(charlie()).get(address).status_code == 403


def test_staff_who_may_only_look_get_no_buttons() -> None:
    batch = made_batch(numbered(1))
    onlooker = visit(staff_who_may("view_case"))
    for address in ("/batches/", f"/batches/{batch.pk}/"):
        response = onlooker.get(address)
        assert response.status_code == 200
        assert "<form" not in response.content.decode()
    assert onlooker.post(f"/batches/{batch.pk}/start/").status_code == 403
    assert upload(onlooker, numbered(1).getvalue()).status_code == 403
    assert Batch.objects.get().state == Batch.State.READY


def test_an_unknown_batch_and_a_deed_at_the_wrong_time_get_a_kind_page() -> None:
    staff, batch = visit(bob()), made_batch(numbered(1))
    unknown = staff.get("/batches/batch_nowhere/")
    assert unknown.status_code == 404
    assert "There is no such batch." in words_of(unknown)
    assert staff.post(f"/batches/{batch.pk}/pause/").status_code == 409
    assert staff.get(f"/batches/{batch.pk}/start/").status_code == 405


def test_many_batches_come_by_pages() -> None:
    staff = visit(bob())
    batch = made_batch(numbered(1))
    Batch.objects.bulk_create(Batch(flow=batch.flow, language="en", file_name=f"{n}.csv") for n in range(25))
    assert "Older" in words_of(staff.get("/batches/"))
    assert "cases.csv" in words_of(staff.get("/batches/?page=2"))


def test_no_page_needs_what_its_policy_forbids() -> None:
    staff, batch = visit(bob()), made_batch(csv_file("text", TEXT, "hello"))
    for address in ("/batches/", f"/batches/{batch.pk}/"):
        body = staff.get(address).content.decode()
        assert "<style" not in body
        assert " style=" not in body
        assert "<script>" not in body


def test_staff_of_the_command_line_and_of_the_pages_see_the_same() -> None:
    batch = made_batch(numbered(2), actor=SYSTEM)
    assert batch.owner is None
    assert "0 of 2 cases done" in words_of(visit(bob()).get(f"/batches/{batch.pk}/"))
