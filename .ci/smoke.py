"""Boots `up` on a fresh data directory, triages one case over the API and one with `triage --answers`, stops it,
and looks whether anything is left running. Standard library only: it runs where only requirements.txt is installed.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

STORY = "Fui demitido sem justa causa e não recebi a rescisão"
MANAGE = [sys.executable, "manage.py"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def call(url: str, key: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
        return answer


def until(what: str, seconds: float, condition: Any) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.1)
    raise SystemExit(f"not within {seconds:g} s: {what}")


def over_the_api(base: str, key: str) -> None:
    turn = call(f"{base}/start", key, {"message": STORY, "language": "pt-BR"})
    turns = 1
    while turn["status"] == "interviewing":
        turn = call(f"{base}/continue", key, {"case_id": turn["case_id"], "message": "não sei"})
        turns += 1
        assert turns < 20, turn
    case_id = turn["case_id"]

    def completed() -> bool:
        return bool(call(f"{base}/status/{case_id}", key)["status"] == "completed")

    until("the result over the API", 60, completed)
    result = call(f"{base}/result/{case_id}", key)
    assert result["case_type"] == "work", result["case_type"]
    print(f"API: {case_id} is {result['case_type']}, {result['complexity_level']}, after {turns} turns")


def in_the_terminal(data_dir: Path, environment: dict[str, str]) -> None:
    answers = data_dir / "answers.yaml"
    answers.write_text("default: não sei\n")
    command = [*MANAGE, "triage", STORY, "--flow", "legal-intake", "--answers", str(answers), "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1)), "a hole in the stream"
    assert events[-1]["type"] == "triage_completed", events[-1]["type"]
    print(f"terminal: {len(events)} events, the last is triage_completed")


def left_running(data_dir: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
        except OSError:
            continue
        # This script, and whoever started it, name the directory too.
        if os.fsencode(data_dir) in command + environment and b"smoke.py" not in command:
            found.append(command.replace(b"\0", b" ").decode())
    return found


def main(data_dir: Path) -> None:
    data_dir.mkdir(parents=True)
    port = free_port()
    environment = {**os.environ, "TRIAGE_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"}
    log = data_dir / "up.log"
    with log.open("wb") as output:
        command = [*MANAGE, "up", "--port", str(port), "--data-dir", str(data_dir)]
        up = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        begun = time.monotonic()
        until("up is ready", 90, lambda: "ready in" in log.read_text() or up.poll() is not None)
        assert up.poll() is None, log.read_text()
        print(f"up: ready in {time.monotonic() - begun:.1f} s")
        key = json.loads((data_dir / "credentials.json").read_text())["api_key"]
        over_the_api(f"http://127.0.0.1:{port}/api/v2/triage", key)
        in_the_terminal(data_dir, environment)
    except BaseException:
        print(log.read_text(), file=sys.stderr)
        raise
    finally:
        begun = time.monotonic()
        up.send_signal(signal.SIGINT)
        code = up.wait(timeout=15)
    assert time.monotonic() - begun < 10, "stopping took more than 10 s"
    assert code == 0, f"up ended with {code}"
    del environment["TRIAGE_DATA_DIR"]
    until("nothing is left running", 5, lambda: not left_running(data_dir))
    print(f"up: stopped in {time.monotonic() - begun:.1f} s, nothing is left running")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
