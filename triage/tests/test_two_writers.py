"""Two writers on one case lose nothing and leave no hole in the log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from conversations.models import Message
from triage import eventlog, orchestrator
from triage.access import SYSTEM
from triage.models import Answer, Case
from triage.tests.loaded_flows import load_small_flow
from triage.tests.web_process import SOAK

TURNS = 200 if SOAK else 100  # each; every turn looks at all those before it


def write(case_id: str, writer: str) -> None:
    try:
        for turn in range(TURNS):
            orchestrator.answer(actor=SYSTEM, case_id=case_id, text=f"{writer} {turn}")
    finally:
        connection.close()


@pytest.mark.fault
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_two_writers_take_turns_without_loss_or_hole() -> None:
    load_small_flow("endless")
    case_id = orchestrator.open_case(actor=SYSTEM, flow_id="endless", language="en").case_id

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(write, case_id, writer) for writer in ("first", "second")]:
            done.result()

    case = Case.objects.get(pk=case_id)
    log = eventlog.all_of(case_id)
    assert [event.seq for event in log] == list(range(1, case.last_seq + 1))
    spoken = [e.data["text"] for e in log if e.type == "message_added" and e.data["role"] == "client"]
    expected = {f"{writer} {turn}" for writer in ("first", "second") for turn in range(TURNS)}
    assert len(spoken) == 2 * TURNS
    assert set(spoken) == expected
    for writer in ("first", "second"):  # each writer's own order is kept
        assert [s for s in spoken if s.startswith(writer)] == [f"{writer} {turn}" for turn in range(TURNS)]
    assert set(Message.objects.filter(role="client").values_list("text", flat=True)) == expected
    numbers = list(Answer.objects.filter(case=case).values_list("number", flat=True))
    assert numbers == list(range(1, 2 * TURNS + 1))
