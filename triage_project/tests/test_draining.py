"""SIGTERM under uvicorn: streams are sent away in time and told when to come back; turns in flight are taken."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.conf import settings

from conversations.models import Message
from triage.access import create_api_key
from triage.tests.cast import alice, make_case
from triage.tests.worker_process import database_url
from triage_project.child import kill_group, spawn
from triage_project.tests.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream, pytest.mark.fault]

STREAMS = 8


@pytest.fixture
def server() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """uvicorn on a free port, draining within a second."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "triage_project.asgi:application", "--port", str(port)]
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DRAIN_SECONDS": "1",
        "PYTHONPATH": str(settings.BASE_DIR),
    }
    with (settings.DATA_DIR / "uvicorn.log").open("ab") as output:
        process = spawn(
            [*command, "--lifespan", "off", "--timeout-graceful-shutdown", "20"], environment=environment, output=output
        )
    base = f"http://127.0.0.1:{port}"

    def is_up() -> bool:
        try:
            return httpx.get(f"{base}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_until(is_up, timeout=30)
        yield base, process
    finally:
        kill_group(process)
        process.wait()


def test_streams_are_sent_away_and_the_server_ends_in_time(server: tuple[str, subprocess.Popen[bytes]]) -> None:
    base, process = server
    case = make_case()
    client = httpx.Client(headers={"Authorization": f"Bearer {create_api_key(alice())}"}, timeout=30)
    url = f"{base}/api/v2/triage/stream/{case.pk}"
    opened = [client.send(client.build_request("GET", url), stream=True) for _ in range(STREAMS)]
    bodies = [stream.iter_raw() for stream in opened]
    for body in bodies:
        next(body)
    with ThreadPoolExecutor(STREAMS + 1) as pool:
        rest = [pool.submit(b"".join, body) for body in bodies]
        turn = pool.submit(
            client.post, f"{base}/api/v2/triage/continue", json={"case_id": case.pk, "message": "yesterday"}
        )
        wait_until(lambda: Message.objects.filter(text="yesterday").exists(), timeout=20)
        process.send_signal(signal.SIGTERM)
        assert turn.result().status_code == 200
        for ended in rest:
            assert ended.result(timeout=20).rstrip().split(b"\n\n")[-1].startswith(b"retry: ")
    assert process.wait(timeout=20) in (0, -signal.SIGTERM)
