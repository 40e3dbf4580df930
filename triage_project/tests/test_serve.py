"""The web part's server: one set of options wherever it runs."""

from __future__ import annotations

import http.client
import json
import signal
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from triage.access import create_api_key
from triage.tests.cast import alice, make_case
from triage_project.parts import is_healthy
from triage_project.serve import FRAME_BYTES, options
from triage_project.tests.served import served
from triage_project.tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_does_not_say_what_it_is_and_on_this_machine_it_says_nothing_of_itself(tmp_path: Path) -> None:
    with served(tmp_path / "log") as (port, process):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/healthz")
        assert connection.getresponse().getheader("Server") is None
        process.terminate()
        assert process.wait(timeout=10) == -signal.SIGTERM
    assert (tmp_path / "log").read_text() == ""


def test_a_deployment_logs_json_only(tmp_path: Path) -> None:
    deployment = {"SECRET_KEY": "x" * 60, "DEBUG": "false", "ALLOWED_HOSTS": "localhost"}
    with served(tmp_path / "log", ["--workers", "2"], **deployment) as (_, process):
        process.terminate()
        process.wait(timeout=10)
    events = [json.loads(line)["event"] for line in (tmp_path / "log").read_text().splitlines()]
    assert any(event.startswith("Started parent process") for event in events)
    assert any(event.startswith("Started server process") for event in events)


def test_a_frame_that_is_too_long_ends_its_websocket_and_nothing_else(tmp_path: Path) -> None:
    case, key = make_case(), create_api_key(alice())
    with served(tmp_path / "log") as (port, _):
        address = f"ws://localhost:{port}/ws/triage/{case.pk}/"
        with connect(address, additional_headers={"Authorization": f"Bearer {key}"}) as socket:
            socket.send("x" * (FRAME_BYTES + 1))
            with pytest.raises(ConnectionClosedError) as closed:
                while True:
                    socket.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
        assert is_healthy("127.0.0.1", port, "localhost")


def test_a_websocket_that_answers_no_ping_is_let_go_after_33_seconds() -> None:
    given = options()
    assert (given["ws_ping_interval"], given["ws_ping_timeout"]) == (25, 8)


def test_the_ping_of_a_client_is_answered(tmp_path: Path) -> None:
    case, key = make_case(), create_api_key(alice())
    with served(tmp_path / "log") as (port, _):
        address = f"ws://localhost:{port}/ws/triage/{case.pk}/"
        with connect(address, additional_headers={"Authorization": f"Bearer {key}"}) as socket:
            assert socket.ping().wait(timeout=10)


@pytest.mark.parametrize(("trusted", "client"), [("127.0.0.1", "203.0.113.7"), ("192.0.2.1", "127.0.0.1")])
def test_only_the_proxy_that_is_named_is_believed(tmp_path: Path, trusted: str, client: str) -> None:
    names = {"BEHIND_PROXY": "true", "FORWARDED_ALLOW_IPS": trusted, "LOG_LEVEL": "INFO"}
    with served(tmp_path / "log", **names) as (port, _):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/healthz", headers={"X-Forwarded-For": "203.0.113.7"})
        connection.getresponse().read()
        wait_until(lambda: f"ip={client}" in (tmp_path / "log").read_text())
