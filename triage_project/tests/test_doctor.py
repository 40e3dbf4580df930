from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from triage_project.tests.booted import Up, free_port, manage


def doctor(data_dir: Path, **extra: str) -> tuple[int, dict[str, dict[str, str]]]:
    ended = manage("doctor", "--json", TRIAGE_DATA_DIR=str(data_dir), **extra)
    assert "Traceback" not in ended.stderr
    return ended.returncode, {finding["part"]: finding for finding in json.loads(ended.stdout)}


def test_every_part_of_a_running_installation_is_well(up: Up) -> None:
    code, findings = doctor(up.data_dir)
    assert {part: finding["state"] for part, finding in findings.items()} == dict.fromkeys(findings, "ok")
    assert code == 0


def test_without_up_it_says_how_to_start(tmp_path: Path) -> None:
    code, findings = doctor(tmp_path)
    assert code == 1
    for part in ("redis", "channels", "queues", "worker"):
        assert findings[part]["state"] == "fail"
        assert "manage.py up" in findings[part]["advice"]
    assert findings["database"]["advice"] == findings["flows"]["advice"] == "python manage.py migrate"


def test_each_failure_is_one_line_with_its_advice(tmp_path: Path) -> None:
    ended = manage(
        "doctor",
        TRIAGE_DATA_DIR=str(tmp_path),
        REDIS_URL=f"redis://:hunter2@127.0.0.1:{free_port()}",
        DATABASE_URL=f"postgres://somebody:hunter2@127.0.0.1:{free_port()}/triage",
    )
    assert ended.returncode == 1
    assert "hunter2" not in ended.stdout
    lines = ended.stdout.splitlines()
    assert all(line.startswith(("ok", "warn", "fail")) for line in lines)
    assert all("→" in line for line in lines if line.startswith("fail"))
    assert ended.stderr == ""


@pytest.mark.fault
@pytest.mark.parametrize(("name", "queues"), [("worker", "interactive"), ("batch", "batch")])
def test_a_frozen_worker_is_found(up: Up, name: str, queues: str) -> None:
    """The schedule's jobs are served by the other one meanwhile."""
    worker = up.part(f"{name}@")
    os.kill(worker, signal.SIGSTOP)
    try:
        code, findings = doctor(up.data_dir)
    finally:
        os.kill(worker, signal.SIGCONT)
    assert code == 1
    assert [part for part, finding in findings.items() if finding["state"] == "fail"] == ["worker"]
    assert findings["worker"]["found"] == f"no worker answers for {queues}"


def test_models_have_a_line_only_where_some_are_named(tmp_path: Path) -> None:
    _, found = doctor(tmp_path)
    assert "models" not in found
    away = {"TRIAGE_LLM_MODELS": "ollama:x", "TRIAGE_LLM_BASE_URL": "http://127.0.0.1:9/v1"}
    _, found = doctor(tmp_path, **away)
    assert found["models"]["state"] == "warn"
    assert "http://127.0.0.1:9/v1 does not answer" in found["models"]["found"]
    _, found = doctor(tmp_path, TRIAGE_LLM_MODELS="nobody:x")
    assert found["models"]["state"] == "fail"
    assert "Unknown provider: nobody" in found["models"]["found"]
