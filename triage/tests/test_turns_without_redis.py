"""Redis stopped, paused or refusing during a turn: the turn is taken from the rows, in time, and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.test import Client

from conversations.models import Message
from triage import eventlog, orchestrator
from triage.access import create_api_key
from triage.models import Case
from triage.tests.cast import acting, alice
from triage.tests.loaded_flows import load_small_flow
from triage_project.tests.faulty_valkey import FaultyValkey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

LONGEST = 3.0  # seconds that a turn may take


def refuse(valkey: FaultyValkey) -> None:
    with valkey.client() as client:
        client.config_set("requirepass", "another")
        client.client_kill_filter(_type="normal", skipme=True)


FAULTS: dict[str, Callable[[FaultyValkey], None]] = {
    "stopped": FaultyValkey.stop,
    "killed": FaultyValkey.kill,
    "paused": FaultyValkey.pause,
    "refusing": refuse,
}


@pytest.fixture
def talk() -> Callable[[str], dict[str, object]]:
    """Says something in a case of Alice over the API, and asserts that it went well and in time."""
    load_small_flow("endless")
    case_id = orchestrator.open_case(
        actor=acting(alice()), flow_id="endless", language="en", text="A crash on the street"
    ).case_id
    client = Client(headers={"authorization": f"Bearer {create_api_key(alice())}"}, raise_request_exception=False)

    def say(text: str) -> dict[str, object]:
        begun = time.monotonic()
        response = client.post(
            "/api/v2/triage/continue", {"case_id": case_id, "message": text}, content_type="application/json"
        )
        assert response.status_code == 200, response.content
        assert time.monotonic() - begun < LONGEST
        body: dict[str, object] = response.json()
        return body

    return say


@pytest.mark.parametrize("fault", FAULTS)
def test_turns_go_on_and_are_all_remembered(
    fault: str, valkey: FaultyValkey, talk: Callable[[str], dict[str, object]]
) -> None:
    before = talk("yesterday")
    FAULTS[fault](valkey)
    during = [talk("R$ 300"), talk("no")]
    valkey.kill()
    valkey.start()
    with valkey.client() as client:
        client.config_set("requirepass", "")
    after = talk("and so on")

    case = Case.objects.get()
    questions = [body["question"]["id"] for body in (before, *during, after)]  # type: ignore[index]
    assert len(set(questions)) == 4  # no question was asked twice
    said = ["A crash on the street", "yesterday", "R$ 300", "no", "and so on"]
    assert list(Message.objects.filter(role="client").values_list("text", flat=True)) == said
    seqs = [event.seq for event in eventlog.all_of(case.pk)]
    assert seqs == list(range(1, case.last_seq + 1))


def test_a_wiped_memory_is_rebuilt_from_the_answers(
    valkey: FaultyValkey, talk: Callable[[str], dict[str, object]]
) -> None:
    talk("yesterday")
    valkey.wipe()
    talk("R$ 300")
    understood = next(e for e in reversed(eventlog.all_of(Case.objects.get().pk)) if e.type == "assessment_updated")
    assert {entry["slot"] for entry in understood.data["understood"]} >= {"happened_on", "damage"}
