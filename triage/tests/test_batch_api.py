"""`/api/v2/batches`: upload, status, start, pause, resume, cancel, mistakes, results."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient, Client

from triage import orchestrator
from triage.access import SYSTEM, create_api_key
from triage.batches.results import COLUMNS, PAGE
from triage.models import Batch, BatchRow, Case
from triage.tests.batch_files import TEXT, csv_file, made_batch, numbered, running_batch, work
from triage.tests.cast import bob, charlie, staff_who_may
from triage.tests.loaded_flows import load_small_flow

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "/api/v2/batches"


def with_key_of(user: Any) -> Client:
    return Client(headers={"authorization": f"Bearer {create_api_key(user)}"}, raise_request_exception=False)


def upload(client: Client, content: bytes, name: str = "cases.csv", **fields: Any) -> Any:
    load_small_flow()
    data = {"flow": "three-questions", "language": "en", "file": SimpleUploadedFile(name, content), **fields}
    return client.post(ADDRESS, data)


def results(client: Client, batch: Batch, format_: str) -> str:
    response = client.get(f"{ADDRESS}/{batch.pk}/results?format={format_}")
    assert response.status_code == 200
    assert response["Content-Disposition"] == f'attachment; filename="{batch.pk}.{format_}"'
    return b"".join(response).decode()


def test_upload_start_and_follow_to_the_end() -> None:
    client = with_key_of(bob())
    made = upload(client, numbered(4).getvalue())
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["status"], body["total"], body["progress"], body["rows"]["waiting"]) == ("ready", 4, 0, 4)
    address = f"{ADDRESS}/{body['batch_id']}"
    assert client.post(f"{address}/start").json()["status"] == "running"
    work()
    body = client.get(address).json()
    assert (body["status"], body["progress"], body["rows"]["completed"]) == ("completed", 100, 4)
    assert body["finished_at"].endswith("Z")
    assert [one["batch_id"] for one in client.get(ADDRESS).json()] == [body["batch_id"]]


def test_upload_and_start_in_one_request_unless_there_are_mistakes() -> None:
    client = with_key_of(bob())
    spoiled = csv_file("text", TEXT, "hello").getvalue()
    assert upload(client, numbered(1).getvalue(), start="true").json()["status"] == "running"
    assert upload(client, spoiled, start="true").json()["status"] == "ready"
    assert upload(client, spoiled, start="true", skip_bad="true").json()["status"] == "running"


def test_mistakes_come_by_line_with_stable_codes() -> None:
    client = with_key_of(bob())
    made = upload(client, csv_file("external_id,text", "1,", f"2,{TEXT}", "3,hello").getvalue()).json()
    address = f"{ADDRESS}/{made['batch_id']}/problems"
    assert client.get(address).json()["rows"] == [
        {
            "line": 2,
            "external_id": "1",
            "problems": [{"code": "text_empty", "column": "text"}],
            "message": "The text is missing.",
        },
        {
            "line": 4,
            "external_id": "3",
            "problems": [{"code": "says_nothing", "column": "text", "value": "hello"}],
            "message": "The text tells no case: “hello”.",
        },
    ]
    assert [row["line"] for row in client.get(f"{address}?after=2").json()["rows"]] == [4]
    assert client.get(f"{address}?after=4").json() == {"rows": []}


def test_pause_resume_cancel() -> None:
    client, batch = with_key_of(bob()), running_batch(20)
    address = f"{ADDRESS}/{batch.pk}"
    work(2)
    assert client.post(f"{address}/pause").json()["status"] == "paused"
    assert client.post(f"{address}/resume").json()["status"] == "running"
    assert client.post(f"{address}/cancel").json()["status"] == "cancelled"
    refused = client.post(f"{address}/resume")
    assert (refused.status_code, refused.json()["code"]) == (409, "transition_refused")


@pytest.mark.parametrize(
    ("content", "name", "fields", "code"),
    [
        (b"words\na\n", "a.csv", {}, "invalid_input"),
        (b"%PDF", "a.pdf", {}, "invalid_input"),
        (b"text\na\n", "a.csv", {"flow": "nowhere"}, "unknown_flow"),
        (b"text\na\n", "a.csv", {"flow": "a\x00b"}, "invalid_input"),
        (b"text\na\n", "a.csv", {"language": "fr"}, "unknown_language"),
        (b"text\na\n", "a.csv", {"language": "\x00"}, "unknown_language"),
        (b"text\na\n", "a.csv", {"file": ""}, "invalid_input"),
        (b"text\na\n", "a.csv", {"start": "perhaps"}, "invalid_input"),
    ],
)
def test_bad_uploads_are_problems_and_leave_nothing(content: bytes, name: str, fields: Any, code: str) -> None:
    response = upload(with_key_of(bob()), content, name, **fields)
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert not Batch.objects.exists()


def test_strangers_and_onlookers() -> None:
    batch = made_batch(numbered(1))
    address = f"{ADDRESS}/{batch.pk}"
    for method, path in (
        ("GET", ADDRESS),
        ("GET", address),
        ("GET", f"{address}/results"),
        ("POST", f"{address}/start"),
    ):
        assert Client().generic(method, path).status_code == 401
        assert with_key_of(charlie()).generic(method, path).status_code == 403
    onlooker = with_key_of(staff_who_may("view_case"))
    assert onlooker.get(address).status_code == 200
    assert onlooker.post(f"{address}/start").status_code == 403
    assert upload(onlooker, numbered(1).getvalue()).status_code == 403
    for name in ("batch_nowhere", "a%00b", "%F0%9F%98%80", "b" * 300):
        unknown = with_key_of(bob()).get(f"{ADDRESS}/{name}")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "batch_not_found")


def test_any_name_of_a_file_can_be_kept() -> None:
    name = f"{'long' * 60}\x00\u202e📄.csv"
    made = upload(with_key_of(bob()), numbered(1).getvalue(), name)
    assert made.status_code == 201, made.content
    assert made.json()["file"].endswith("📄.csv")


def test_results_at_any_time_as_a_table_and_as_json_lines() -> None:
    client, batch = with_key_of(bob()), running_batch(12)
    work(3)
    table = list(csv.DictReader(io.StringIO(results(client, batch, "csv").removeprefix("\ufeff"))))
    assert list(table[0]) == list(COLUMNS)
    assert [row["external_id"] for row in table] == [str(number) for number in range(1, 13)]
    assert [row["state"] for row in table].count("completed") == 3
    assert {row["category"] for row in table if row["state"] == "completed"} == {"crash"}
    assert {row["category_title"] for row in table if row["state"] == "completed"} == {"Crash"}
    lines = [json.loads(line) for line in results(client, batch, "jsonl").splitlines()]
    assert [line["line"] for line in lines] == list(range(2, 14))
    done = next(line for line in lines if line["state"] == "completed")
    assert done["result"] == Case.objects.get(pk=done["case_id"]).result
    assert {line["state"] for line in lines} == {"completed", "told", "waiting"}


def test_what_a_spreadsheet_would_compute_is_left_as_words() -> None:
    batch = made_batch(csv_file("external_id,text", '=HYPERLINK("http://a"),-I had a crash', "+1,@street crash"))
    orchestrator.start_batch(actor=SYSTEM, batch_id=batch.pk)
    work()
    table = list(csv.DictReader(io.StringIO(results(with_key_of(bob()), batch, "csv").removeprefix("\ufeff"))))
    assert [row["external_id"] for row in table] == ['\'=HYPERLINK("http://a")', "'+1"]
    assert [row["summary"] for row in table] == ["'-I had a crash", "'@street crash"]


def test_a_portuguese_table_opens_in_a_brazilian_excel() -> None:
    batch = made_batch(csv_file("text", "Bati na rua", "oi"), language="pt-BR")
    table = results(with_key_of(bob()), batch, "csv")
    assert table.startswith("\ufeffline;external_id;")


async def test_a_long_download_is_streamed_in_pieces() -> None:
    def prepare() -> tuple[str, Batch]:
        batch = made_batch(numbered(1))
        BatchRow.objects.bulk_create(BatchRow(batch=batch, line=number) for number in range(3, 2 * PAGE))
        return create_api_key(bob()), batch

    key, batch = await sync_to_async(prepare)()
    address = f"{ADDRESS}/{batch.pk}/results?format=jsonl"
    response = await AsyncClient().get(address, headers={"authorization": f"Bearer {key}"})
    pieces = [piece async for piece in response]  # type: ignore[attr-defined]
    assert len(pieces) == 2
    assert [json.loads(line)["line"] for line in b"".join(pieces).splitlines()] == list(range(2, 2 * PAGE))
