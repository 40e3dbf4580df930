from __future__ import annotations

import json
import os
import signal
import stat
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import pytest

from triage_project.addresses import embedded_url
from triage_project.embedded import connect
from triage_project.tests.booted import Up, descendants, free_port, manage, processes
from triage_project.tests.waiting import wait_until

Boot = Callable[[Path], Up]
PARTS = {
    "valkey": "valkey-server",
    "web": "triage_project.serve",
    "worker": "worker@",
    "batch": "batch@",
    "schedule": "celery.* beat",
}


def test_up_says_where_everything_is_and_how_to_sign_in(up: Up) -> None:
    credentials = json.loads((up.data_dir / "credentials.json").read_text())
    for text in (f"http://127.0.0.1:{up.port}/", "/admin/", credentials["password"], credentials["api_key"]):
        assert text in up.output
    assert up.get("/healthz") == HTTPStatus.OK
    assert up.get("/") == HTTPStatus.OK


def test_the_admin_comes_with_its_style(up: Up) -> None:
    assert up.get("/static/admin/css/base.css") == HTTPStatus.OK


def test_credentials_are_private_and_their_key_opens_the_api(up: Up) -> None:
    path = up.data_dir / "credentials.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = json.loads(path.read_text())["api_key"]
    assert up.get("/api/v2/triage/stats", Authorization=f"Bearer {key}") == HTTPStatus.OK
    assert up.get("/api/v2/triage/stats", Authorization="Bearer tri_wrong") == HTTPStatus.UNAUTHORIZED


def test_a_second_up_on_the_same_directory_refuses(up: Up) -> None:
    second = manage("up", "--data-dir", str(up.data_dir), "--port", str(free_port()))
    assert second.returncode == 1
    assert second.stderr.splitlines() == [
        f"`up` (process {up.process.pid}) already runs on {up.data_dir}; stop it first or choose another --data-dir."
    ]
    assert up.get("/healthz") == HTTPStatus.OK


@pytest.mark.fault
def test_whatever_is_killed_starts_again_and_up_says_so(up: Up) -> None:
    said = len(up.output)
    for pattern in PARTS.values():
        os.kill(up.part(pattern), signal.SIGKILL)
    expected = [f"{name} ended unexpectedly (killed by SIGKILL); it starts again in 1 s" for name in PARTS]
    expected += [f"{name} is back" for name in PARTS]
    wait_until(lambda: all(line in up.output[said:] for line in expected), timeout=60)
    assert manage("doctor", TRIAGE_DATA_DIR=str(up.data_dir)).returncode == 0


@pytest.mark.fault
def test_ctrl_c_leaves_nothing_running_and_the_next_up_finds_the_data(up: Up, boot: Boot, tmp_path: Path) -> None:
    first = boot(tmp_path)  # side by side with the other one
    assert up.get("/healthz") == first.get("/healthz") == HTTPStatus.OK
    with connect(embedded_url(tmp_path), timeout=5) as client:
        client.set("kept", "yes")
    credentials = (tmp_path / "credentials.json").read_text()
    children = descendants(first.process.pid)
    assert len(children) > len(PARTS)  # the worker has children of its own

    began = time.monotonic()
    first.interrupt()
    assert first.process.wait(timeout=20) == 0
    assert time.monotonic() - began < 10
    assert not children & processes().keys()
    assert up.get("/healthz") == HTTPStatus.OK

    boot(tmp_path)
    with connect(embedded_url(tmp_path), timeout=5) as client:
        assert client.get("kept") == b"yes"
    assert (tmp_path / "credentials.json").read_text() == credentials


@pytest.mark.fault
def test_kill_9_of_up_takes_its_children_and_the_next_up_starts_on_what_they_left(boot: Boot, tmp_path: Path) -> None:
    (tmp_path / "celerybeat-schedule").write_bytes(b"not a schedule")
    killed = boot(tmp_path)
    children = descendants(killed.process.pid)
    killed.process.kill()
    killed.process.wait()
    wait_until(lambda: not children & processes().keys(), timeout=5)
    boot(tmp_path)


@pytest.mark.fault
def test_a_second_ctrl_c_does_not_wait_for_a_part_that_hangs(boot: Boot, tmp_path: Path) -> None:
    up = boot(tmp_path)
    children = descendants(up.process.pid)
    os.kill(up.part(PARTS["worker"]), signal.SIGSTOP)
    began = time.monotonic()
    up.interrupt()
    wait_until(lambda: "stopping" in up.output)
    up.interrupt()
    assert up.process.wait(timeout=20) == 130
    assert time.monotonic() - began < 5
    assert not children & processes().keys()
