"""A case leaves as one JSON document that says all that is known of it, and no secret."""

from __future__ import annotations

import json
import stat
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from triage import orchestrator
from triage.events import Stored
from triage.export import case_documents
from triage.models import Case
from triage.projection import fold
from triage.tests.cast import CRASH, acting, alice, completed_case, make_case

pytestmark = pytest.mark.django_db(transaction=True)


def exported(*arguments: str) -> list[dict[str, object]]:
    written = StringIO()
    call_command("export_case", *arguments, stdout=written)
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_document_says_all_that_is_known() -> None:
    case = completed_case()
    (document,) = case_documents([case.pk])
    assert document["flow"] == {"id": "three-questions", "version": case.flow.version}
    assert (document["id"], document["state"], document["owner"]) == (case.pk, "completed", "alice")
    assert document["transcript"][0]["text"] == CRASH
    assert document["answers"][0]["message_id"] == document["transcript"][0]["message_id"]
    assert document["assessment"]["category"] == "crash"
    assert document["assessment"]["red_flags"] == ["injury"]
    assert document["result"] == case.result
    assert [step["name"] for step in document["runs"][0]["steps"]] == ["understand", "assess", "compose"]
    assert [event["seq"] for event in document["events"]] == list(range(1, case.last_seq + 1))
    assert json.loads(json.dumps(document)) == document


def test_answers_carry_the_values_that_were_read() -> None:
    case = make_case(text="I fell and lost R$ 300")
    (document,) = case_documents([case.pk])
    values = {value["slot"]: value["value"] for value in document["answers"][0]["values"]}
    assert values["damage"] == {"amount": "300.00", "currency": "BRL"}


def test_no_secret_leaves() -> None:
    case = make_case()
    orchestrator.issue_return_code(actor=acting(alice()), case_id=case.pk)
    case.refresh_from_db()
    assert case.return_code_hash
    assert case.return_code_hash not in json.dumps(list(case_documents([case.pk])))


def test_more_cases_cost_no_more_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    ids = [make_case(text=f"My bicycle squeaks {number}").pk for number in range(12)]
    with django_assert_max_num_queries(10):
        assert len(list(case_documents(ids))) == 12


def test_the_command_writes_one_line_a_case() -> None:
    first, second = make_case(), make_case(text="Brakes gone")
    assert [document["id"] for document in exported(first.pk, second.pk)] == [first.pk, second.pk]


def test_the_events_of_a_document_rebuild_the_state() -> None:
    case = make_case()
    (document,) = case_documents([case.pk])
    events = [
        Stored(case.pk, event["seq"], event["type"], datetime.fromisoformat(event["at"]), event)
        for event in document["events"]
    ]
    view = fold(events, "staff")
    assert (view.status, view.last_seq) == (document["state"], document["last_seq"])
    assert [message["text"] for message in view.messages] == [said["text"] for said in document["transcript"]]


def test_a_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    case, path = make_case(text="Freio gasto, não é?"), tmp_path / "case.jsonl"
    assert exported(case.pk, "--output", str(path)) == []
    assert json.loads(path.read_text("utf-8"))["id"] == case.pk
    assert "não é?" in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_unknown_case_writes_nothing(tmp_path: Path) -> None:
    case, path = make_case(), tmp_path / "case.jsonl"
    with pytest.raises(CommandError, match="There is no case case_nobody; nothing was written"):
        exported(case.pk, "case_nobody", "--output", str(path))
    assert not path.exists()


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    case = make_case()
    with pytest.raises(CommandError, match="cannot be written"):
        exported(case.pk, "--output", str(tmp_path / "missing" / "case.jsonl"))
    assert Case.objects.filter(pk=case.pk).exists()
