"""What is wrong is said in one sentence before anything starts."""

from __future__ import annotations

import socket
from pathlib import Path

from triage_project.tests.booted import free_port, manage


def refusal(data_dir: Path, *options: str, port: int | None = None, **extra: str) -> str:
    command = ["up", "--data-dir", str(data_dir), "--port", str(port or free_port()), *options]
    ended = manage(*command, **extra)
    assert ended.returncode == 1
    assert ended.stdout == ""
    lines = ended.stderr.splitlines()
    assert len(lines) == 1, ended.stderr
    return lines[0]


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert refusal(tmp_path, port=port) == f"Port {port} on 127.0.0.1 is taken; choose another with --port."


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.touch()
    assert refusal(occupied / "below").startswith(f"The data directory {occupied}/below cannot be written")


def test_a_redis_that_does_not_answer_without_its_password(tmp_path: Path) -> None:
    said = refusal(tmp_path, REDIS_URL=f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    assert said.startswith("REDIS_URL redis://:…@127.0.0.1:")
    assert "cannot be reached" in said


def test_a_redis_url_that_is_none(tmp_path: Path) -> None:
    assert "cannot be reached" in refusal(tmp_path, REDIS_URL="http://127.0.0.1/")


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    said = refusal(tmp_path, DATABASE_URL=f"postgres://somebody:hunter2@127.0.0.1:{free_port()}/triage")
    assert said.startswith("The database 127.0.0.1 cannot be reached")
    assert "hunter2" not in said


def test_debug_on_an_address_that_others_can_reach(tmp_path: Path) -> None:
    assert "only with --insecure" in refusal(tmp_path, "--host", "0.0.0.0")


def test_an_address_that_this_machine_does_not_have(tmp_path: Path) -> None:
    assert "cannot listen on 192.0.2.1" in refusal(tmp_path, "--host", "192.0.2.1", "--insecure")


def test_a_deployment_that_does_not_name_its_hosts(tmp_path: Path) -> None:
    assert refusal(tmp_path, SECRET_KEY="x" * 60).endswith("name its hosts in ALLOWED_HOSTS.")


def test_a_database_url_that_is_none(tmp_path: Path) -> None:
    assert "DATABASE_URL is no address" in refusal(tmp_path, DATABASE_URL="garbage")
