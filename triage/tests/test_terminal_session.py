"""A case carried on from a terminal: the stream drives it, whoever else takes part."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from triage import hub as hub_module
from triage import orchestrator
from triage.access import SYSTEM
from triage.models import Case, TriageRun
from triage.orchestrator import TurnOutcome
from triage.terminal.session import Session
from triage.tests.loaded_flows import load_small_flow
from triage.tests.small_flow import SMALL
from triage_project.tests.faulty_valkey import FaultyValkey

pytestmark = pytest.mark.django_db(transaction=True)

Said = str | None
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Person:
    """Says one thing after the other; what is callable happens while the question is open."""

    is_typed = False

    def __init__(self, *says: Said | Callable[[], Said]) -> None:
        self.says = list(says)
        self.heard: list[str | None] = []

    def next(self, question: dict[str, Any] | None) -> Said:
        self.heard.append(question["id"] if question else None)
        said = self.says.pop(0)
        return said() if callable(said) else said


@contextmanager
def worker() -> Iterator[None]:
    """Analyses whatever becomes due, until the block ends."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.01):
            if claim := orchestrator.take(lane="interactive", owner="test"):
                orchestrator.analyse(claim=claim)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def opened(text: str = "I fell on the street") -> TurnOutcome:
    load_small_flow()
    return orchestrator.open_case(actor=SYSTEM, flow_id=SMALL.id, language="en", text=text)


def session(case: TurnOutcome, person: Person, seen: list[dict[str, Any]]) -> Session:
    return Session(SYSTEM, case.case_id, case.last_seq, [seen.append], person)


def test_every_event_is_shown_in_order_up_to_the_result() -> None:
    seen: list[dict[str, Any]] = []
    with worker():
        view = session(opened(), Person("on 3 March", "R$ 300", "no"), seen).run()
    assert view.result is not None
    assert [body["seq"] for body in seen] == list(range(1, view.last_seq + 1))
    assert seen[-1]["type"] == "triage_completed"


def test_the_interviewer_asks_first_when_nothing_was_told() -> None:
    person = Person("I fell on the street", None)
    with worker():
        view = session(opened(""), person, []).run()
    assert person.heard == [None, "when_happened"]
    assert view.category is not None
    assert view.category["id"] == "crash"


def test_the_end_of_input_has_what_is_known_analysed() -> None:
    with worker():
        view = session(opened(), Person("on 3 March", None), []).run()
    assert view.result is not None
    assert [one["slot"] for one in view.result["understood"]] == ["happened_on"]


def test_a_case_that_expired_meanwhile_goes_on_with_the_next_answer() -> None:
    case = opened()
    Case.objects.update(state=Case.State.EXPIRED)
    seen: list[dict[str, Any]] = []
    with worker():
        session(case, Person("on 3 March", None), seen).run()
    assert "triage_reopened" in [body["type"] for body in seen]


def test_a_case_that_others_cancel_while_a_question_is_open_ends() -> None:
    case = opened()

    def cancelled_meanwhile() -> str:
        orchestrator.cancel(actor=SYSTEM, case_id=case.case_id)
        return "on 3 March"

    view = session(case, Person(cancelled_meanwhile), []).run()
    assert view.status == "cancelled"


def test_what_others_say_meanwhile_is_shown_before_the_next_question() -> None:
    case, seen = opened(), list[dict[str, Any]]()

    def answered_meanwhile() -> str:
        orchestrator.answer(actor=SYSTEM, case_id=case.case_id, text="on 3 March")
        return "on 4 March"

    with worker():
        session(case, Person(answered_meanwhile, None), seen).run()
    assert [body["text"] for body in seen if body.get("role") == "client"][1:] == ["on 3 March", "on 4 March"]


def test_a_case_left_before_is_taken_up_at_its_open_question() -> None:
    case = opened()
    now = orchestrator.answer(actor=SYSTEM, case_id=case.case_id, text="on 3 March")
    person = Person(None)
    with worker():
        session(now, person, []).run()
    assert person.heard == ["how_much"]


def test_a_run_whose_worker_died_is_rescued_though_no_schedule_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "HEARTBEAT", (0.05, 0.1))
    case = opened()
    queued = orchestrator.force_complete(actor=SYSTEM, case_id=case.case_id)
    assert orchestrator.take(lane="interactive", owner="killed") is not None
    TriageRun.objects.update(lease_until=LONG_AGO)
    with worker():
        view = session(replace(case, last_seq=queued.last_seq), Person(), []).run()
    assert view.result is not None


@pytest.mark.fault
def test_without_redis_the_case_comes_to_its_end_all_the_same(valkey: FaultyValkey) -> None:
    case = opened()
    valkey.stop()
    with worker():
        view = session(case, Person("on 3 March", None), []).run()
    assert view.result is not None
