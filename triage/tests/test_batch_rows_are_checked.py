"""Every mistake of a file is listed by its line before anything of it is told."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.utils import translation
from pytest_django import Settings

from triage import orchestrator
from triage.access import SYSTEM, Actor
from triage.batches.checking import CODES, sentence
from triage.batches.results import counts_of, problem_rows
from triage.errors import InvalidInput, NotAllowed, NotSignedIn, TooBig, TransitionRefused, UnknownFlow, UnknownLanguage
from triage.models import Batch, BatchRow, Case
from triage.tests.batch_files import TEXT, csv_file, jsonl_file, made_batch, numbered, work, xlsx_file
from triage.tests.cast import acting, alice, bob, staff_who_may

pytestmark = pytest.mark.django_db(transaction=True)


def mistakes(batch: Batch) -> dict[int, list[str]]:
    return {row.line: [problem["code"] for problem in row.problems] for row in problem_rows(batch)}


def test_every_mistake_is_listed_by_its_line() -> None:
    batch = made_batch(
        csv_file(
            "external_id,text,damage,hurt,happened_on",
            f"1,{TEXT},1200,yes,2026-03-03",
            "2,,1200,,",
            "3,hello,,,",
            f"1,{TEXT},,,",
            f"5,{TEXT},much,perhaps,some day",
            f"6,{'long ' * 2001},,,",
            f"{'7' * 201},{TEXT},,,",
            f"8,{TEXT},,,,more",
            f"9,{TEXT},,,",
        )
    )
    assert mistakes(batch) == {
        3: ["text_empty"],
        4: ["says_nothing"],
        5: ["duplicate_id"],
        6: ["not_understood"] * 3,
        7: ["too_long"],
        8: ["too_long"],
        9: ["too_many_fields"],
    }
    assert batch.state == Batch.State.READY
    assert counts_of([batch.pk])[batch.pk].waiting == 2


def test_each_mistake_is_a_sentence_that_names_what_it_is_about() -> None:
    problem = {"code": "duplicate_id", "column": "external_id", "value": "1", "line": "2"}
    with translation.override("en"):
        assert sentence(problem) == "The external id “1” stands in line 2 already."
        for code in CODES:
            assert sentence({"code": code})


def test_a_batch_with_mistakes_starts_only_when_somebody_says_to_skip_them() -> None:
    batch = made_batch(csv_file("text", TEXT, "hello"))
    with pytest.raises(TransitionRefused):
        orchestrator.start_batch(actor=SYSTEM, batch_id=batch.pk)
    assert not work()
    orchestrator.start_batch(actor=SYSTEM, batch_id=batch.pk, skip_bad=True)
    assert work() == 1
    batch.refresh_from_db()
    assert batch.state == Batch.State.COMPLETED
    assert counts_of([batch.pk])[batch.pk].invalid == 1


def test_what_was_processed_before_is_skipped_and_no_mistake() -> None:
    first = made_batch(numbered(3))
    orchestrator.start_batch(actor=SYSTEM, batch_id=first.pk)
    work()
    again = made_batch(numbered(5))
    counts = counts_of([again.pk])[again.pk]
    assert (counts.skipped, counts.waiting, counts.invalid) == (3, 2, 0)
    orchestrator.start_batch(actor=SYSTEM, batch_id=again.pk)
    work()
    assert Case.objects.count() == 5


def test_external_ids_of_others_are_others() -> None:
    first = made_batch(numbered(3))
    orchestrator.start_batch(actor=SYSTEM, batch_id=first.pk)
    work()
    theirs = made_batch(numbered(3), actor=acting(bob()))
    assert counts_of([theirs.pk])[theirs.pk].waiting == 3


@pytest.mark.parametrize(
    ("slot", "words", "value"),
    [
        ("hurt", "VERDADEIRO", True),
        ("hurt", "0", False),
        ("hurt", "sim", True),
        ("damage", "R$ 1.200,50", {"amount": "1200.50", "currency": "BRL"}),
        ("happened_on", "03/03/2026", "2026-03-03"),
    ],
)
def test_values_are_read_as_people_and_spreadsheets_write_them(slot: str, words: str, value: Any) -> None:
    batch = made_batch(jsonl_file({"text": "Bati na rua", slot: words}), name="a.jsonl", language="pt-BR")
    orchestrator.start_batch(actor=SYSTEM, batch_id=batch.pk)
    work()
    result = Case.objects.get().result
    assert result is not None
    assert {known["slot"]: known["value"] for known in result["understood"]}[slot] == value


def test_a_sheet_is_checked_like_a_csv() -> None:
    batch = made_batch(xlsx_file(["text", "hurt"], [TEXT, True], [TEXT, "perhaps"]), name="a.xlsx")
    assert mistakes(batch) == {3: ["not_understood"]}


def test_what_no_database_can_hold_is_cleaned_away() -> None:
    file = io.BytesIO(b'{"text": "I had a crash\\u0000 \\ud800", "id": "a\\u0000b"}\n')
    batch = made_batch(file, name="a.jsonl")
    assert batch.rows.get().external_id == "ab"
    orchestrator.start_batch(actor=SYSTEM, batch_id=batch.pk)
    assert work() == 1


@pytest.mark.parametrize("file", [csv_file("text"), csv_file("words", "a"), csv_file("text", TEXT, '"open')])
def test_of_a_file_that_cannot_be_read_nothing_stays(file: io.BytesIO) -> None:
    with pytest.raises(InvalidInput):
        made_batch(file)
    assert not Batch.objects.exists()
    assert not BatchRow.objects.exists()


def test_files_beyond_the_limits_are_refused(settings: Settings) -> None:
    settings.BATCH_MOST_ROWS = 10
    made_batch(numbered(10))
    with translation.override("en"), pytest.raises(TooBig, match="10 rows"):
        made_batch(numbered(11))
    settings.BATCH_MOST_BYTES = 1024 * 1024
    with translation.override("en"), pytest.raises(TooBig, match="1 MB"):
        made_batch(csv_file("text", "a" * 1_100_000))
    assert Batch.objects.count() == 1


def test_flow_and_language_must_exist() -> None:
    made_batch(numbered(1))
    with pytest.raises(UnknownFlow):
        orchestrator.create_batch(actor=SYSTEM, flow_id="nowhere", language="en", file=numbered(1), name="a.csv")
    with pytest.raises(UnknownLanguage):
        made_batch(numbered(1), language="fr")


def test_batches_belong_to_staff() -> None:
    batch = made_batch(numbered(1))
    for actor, refusal in ((Actor(), NotSignedIn), (acting(alice()), NotAllowed)):
        with pytest.raises(refusal):
            made_batch(numbered(1), actor=actor)
    onlooker = acting(staff_who_may("view_case"))
    for verb in (
        orchestrator.start_batch,
        orchestrator.pause_batch,
        orchestrator.resume_batch,
        orchestrator.cancel_batch,
    ):
        with pytest.raises(NotAllowed):
            verb(actor=onlooker, batch_id=batch.pk)
    batch.refresh_from_db()
    assert batch.state == Batch.State.READY
