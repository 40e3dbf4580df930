"""SIGTERM: streams are sent away in time and told when to come back; turns in flight are taken."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from django.db import transaction
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from triage.access import create_api_key
from triage.models import Case
from triage.tests.cast import alice, make_case
from triage_project.tests.served import served
from triage_project.tests.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream, pytest.mark.fault]

STREAMS = 8
RESUME = 4499


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(headers={"Authorization": f"Bearer {create_api_key(alice())}"}, timeout=30) as client:
        yield client


@contextmanager
def open_stream(client: httpx.Client, url: str) -> Iterator[Iterator[bytes]]:
    """What a stream says after its first words."""
    with client.stream("GET", url) as response:
        assert response.status_code == 200
        body = response.iter_raw()
        next(body)
        yield body


def says_goodbye(body: Iterator[bytes]) -> bool:
    return b"".join(body).rstrip().split(b"\n\n")[-1].startswith(b"retry: ")


def is_ready(client: httpx.Client, base: str) -> bool:
    return client.get(f"{base}/readyz").status_code == 200


def listens(base: str) -> bool:
    try:
        return httpx.get(f"{base}/healthz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("workers", ["1", "2"])
def test_streams_are_sent_away_and_the_server_ends_in_time(client: httpx.Client, tmp_path: Path, workers: str) -> None:
    case = make_case()
    with served(tmp_path / "log", ["--workers", workers], DRAIN_SECONDS="1") as (port, process):
        url = f"http://127.0.0.1:{port}/api/v2/triage/stream/{case.pk}"
        opened = [client.send(client.build_request("GET", url), stream=True) for _ in range(STREAMS)]
        bodies = [stream.iter_raw() for stream in opened]
        for body in bodies:
            next(body)
        with ThreadPoolExecutor(STREAMS) as pool:
            goodbyes = [pool.submit(says_goodbye, body) for body in bodies]
            process.send_signal(signal.SIGTERM)
            assert all(goodbye.result(timeout=20) for goodbye in goodbyes)
        assert process.wait(timeout=20) in (0, -signal.SIGTERM)


def test_while_it_drains_it_is_not_ready_and_takes_no_stream(client: httpx.Client, tmp_path: Path) -> None:
    case = make_case()
    with served(tmp_path / "log", DRAIN_SECONDS="3") as (port, process):
        base = f"http://127.0.0.1:{port}"
        url = f"{base}/api/v2/triage/stream/{case.pk}"
        assert client.get(f"{base}/readyz").json()["draining"] is False
        with open_stream(client, url) as body:
            process.send_signal(signal.SIGTERM)
            wait_until(lambda: not is_ready(client, base))
            assert client.get(f"{base}/readyz").json() == {"draining": True, "database": "ok", "redis": "ok"}
            refused = client.get(url)
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
            assert int(refused.headers["Retry-After"]) > 0
            assert listens(base)
            assert says_goodbye(body)
        assert process.wait(timeout=20) == -signal.SIGTERM


def test_a_websocket_that_follows_is_told_to_come_back(client: httpx.Client, tmp_path: Path) -> None:
    case, key = make_case(), {"Authorization": client.headers["Authorization"]}
    with served(tmp_path / "log", DRAIN_SECONDS="0.5") as (port, process):
        address = f"ws://127.0.0.1:{port}/ws/triage/{case.pk}/"
        with connect(address, additional_headers=key, proxy=None) as socket:
            socket.send(json.dumps({"type": "follow", "after": 0}))
            assert json.loads(socket.recv(timeout=20))["seq"] == 1
            process.send_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    socket.recv(timeout=20)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == RESUME
        assert process.wait(timeout=20) == -signal.SIGTERM
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_turn_that_is_in_flight_outlives_the_listening_socket(client: httpx.Client, tmp_path: Path) -> None:
    case = make_case()
    with served(tmp_path / "log", DRAIN_SECONDS="1") as (port, process), ThreadPoolExecutor(1) as pool:
        base = f"http://127.0.0.1:{port}"
        body = {"case_id": case.pk, "message": "yesterday"}
        with open_stream(client, f"{base}/api/v2/triage/stream/{case.pk}"):
            with transaction.atomic():
                Case.objects.select_for_update().get(pk=case.pk)
                turn = pool.submit(client.post, f"{base}/api/v2/triage/continue", json=body)
                process.send_signal(signal.SIGTERM)
                wait_until(lambda: not listens(base), timeout=20)
                assert not turn.done()
            assert turn.result(timeout=20).status_code == 200
        assert process.wait(timeout=20) == -signal.SIGTERM


def test_a_second_sigterm_does_not_wait_for_the_drain(client: httpx.Client, tmp_path: Path) -> None:
    case = make_case()
    with served(tmp_path / "log", DRAIN_SECONDS="600") as (port, process):
        base = f"http://127.0.0.1:{port}"
        with open_stream(client, f"{base}/api/v2/triage/stream/{case.pk}"):
            process.send_signal(signal.SIGTERM)
            wait_until(lambda: not is_ready(client, base))
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == -signal.SIGTERM
