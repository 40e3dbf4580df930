"""`manage.py watch`: each event of any case, live, until it is over; without Redis too."""

from __future__ import annotations

import io
import json
import threading
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from triage import orchestrator
from triage.access import SYSTEM
from triage.models import Case
from triage.tests.cast import make_case
from triage_project.tests.faulty_valkey import FaultyValkey
from triage_project.tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def cancelled() -> Case:
    return orchestrator.cancel(actor=SYSTEM, case_id=make_case().pk)


def envelopes(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def watch(*words: str) -> str:
    output = io.StringIO()
    call_command("watch", *words, stdout=output)
    return output.getvalue()


def test_every_event_of_a_case_that_is_over_one_a_line() -> None:
    case = cancelled()
    assert [body["seq"] for body in envelopes(watch(case.pk, "--json"))] == list(range(1, case.last_seq + 1))


def test_only_what_came_after_the_cursor() -> None:
    case = cancelled()
    (last,) = envelopes(watch(case.pk, "--json", "--after", str(case.last_seq - 1)))
    assert last["type"] == "triage_cancelled"


def test_a_cursor_that_the_log_never_reached_is_not_pretended() -> None:
    first, second, *_ = envelopes(watch(cancelled().pk, "--json", "--after", "9999"))
    assert first["type"] == "stream_reset"
    assert second["seq"] == 1


def test_for_people_each_event_stands_under_its_number() -> None:
    case = cancelled()
    numbers = [line.split()[0] for line in watch(case.pk).splitlines() if "triage_" in line or "_" in line.split()[-1]]
    assert numbers[0] == "1"
    assert numbers[-1] == str(case.last_seq)


def test_an_unknown_case_is_one_sentence() -> None:
    with pytest.raises(CommandError, match=r"^There is no such case\.$"):
        watch("case_nowhere")


def test_what_happens_meanwhile_is_shown_and_the_end_ends_it() -> None:
    case, output = make_case(), io.StringIO()

    def follow() -> None:
        call_command("watch", case.pk, "--json", stdout=output)
        connection.close()

    watching = threading.Thread(target=follow)
    watching.start()
    wait_until(lambda: f'"seq":{case.last_seq}' in output.getvalue())
    last = orchestrator.cancel(actor=SYSTEM, case_id=case.pk).last_seq
    watching.join(timeout=20)
    assert not watching.is_alive()
    assert envelopes(output.getvalue())[-1]["seq"] == last


@pytest.mark.fault
def test_without_redis_it_says_so_and_shows_the_same(valkey: FaultyValkey) -> None:
    case, output, notes = cancelled(), io.StringIO(), io.StringIO()
    valkey.stop()
    call_command("watch", case.pk, "--json", stdout=output, stderr=notes)
    assert len(envelopes(output.getvalue())) == case.last_seq
    assert "Redis does not answer" in notes.getvalue()
