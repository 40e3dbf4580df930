"""compose.yaml: what it says of every service, and the same commands started by hand with the same variables."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from django.conf import settings

from triage_project.tests.booted import free_port
from triage_project.tests.compose_file import COMPOSE, VARIABLE, Missing, Service, interpolated, programs, services
from triage_project.tests.waiting import wait_until

HOST = "triage.example.org"
STORY = "Fui demitido sem justa causa e não recebi a rescisão"
SECRETS = {
    "SECRET_KEY": "only-for-this-test-" * 4,
    "ALLOWED_HOSTS": HOST,
    "POSTGRES_PASSWORD": "elephant1",
    "VALKEY_PASSWORD": "kestrel2",
}
ONCE = {"migrate"}  # services that end
CELERYS_FAREWELL = "worker: "  # it goes past every handler
OURS = ["web", "worker", "batch", "schedule"]


def definitions() -> list[tuple[str, dict[str, Any]]]:
    return list(services(SECRETS).items())


@pytest.mark.parametrize("name", SECRETS)
def test_without_a_secret_it_is_refused_by_name(name: str) -> None:
    with pytest.raises(Missing, match=f"^{name}: .+"):
        interpolated(yaml.safe_load(COMPOSE.read_text()), {**SECRETS, name: ""})


def test_every_variable_is_in_the_example_environment() -> None:
    example = (settings.BASE_DIR / ".env.example").read_text()
    names = {found["name"] for found in VARIABLE.finditer(COMPOSE.read_text()) if found["name"]}
    assert [name for name in sorted(names) if f"{name}=" not in example] == []


@pytest.mark.parametrize(("name", "service"), definitions(), ids=[name for name, _ in definitions()])
def test_every_service_is_watched_started_again_and_stopped_with_patience(name: str, service: dict[str, Any]) -> None:
    if name in ONCE:
        assert service["restart"] == "no"
        return
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert service["stop_grace_period"]


def test_only_web_is_published_and_whoever_keeps_something_has_a_volume() -> None:
    found = services(SECRETS)
    assert [name for name, service in found.items() if service.get("ports")] == ["web"]
    assert found["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert {name for name, service in found.items() if service.get("volumes")} == {"valkey", "postgres"}


def test_the_graces_are_longer_than_what_they_wait_for() -> None:
    found = services(SECRETS)
    settings_of = {"web": "DRAIN_SECONDS", "worker": "WORKER_SOFT_SHUTDOWN", "batch": "WORKER_SOFT_SHUTDOWN"}
    for name, setting in settings_of.items():
        grace = int(found[name]["stop_grace_period"].removesuffix("s"))
        assert grace >= float(found[name]["environment"][setting]) + 10


@pytest.fixture
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Service]]:
    """The services, none of them started, on ports and in directories of this machine."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    postgres = shutil.which("initdb") or (binaries and binaries[-1] / "initdb")
    if not postgres:
        missing = "needs PostgreSQL's programs"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("compose")
    path = f"{programs(folder / 'bin')}:{Path(postgres).parent}:{os.environ['PATH']}"
    here = {
        r"\b5432\b": str(free_port()),
        r"\b6379\b": str(free_port()),
        r"\b8000\b": str(free_port()),
        r"@(postgres|valkey):": "@127.0.0.1:",
        r"0\.0\.0\.0": "127.0.0.1",
        r"--dir /data": f"--dir {folder}",
    }
    made = {
        name: Service(
            name,
            definition,
            {**here, r"/var/lib/triage": str(folder / name)},
            # As in a .env: somebody else's proxy speaks TLS.
            {"PATH": path, "LANG": "C.UTF-8", "BEHIND_PROXY": "true", "TRIAGE_LEARNS": "false"},
            folder / f"{name}.log",
        )
        for name, definition in definitions()
    }
    try:
        yield made
    finally:
        for service in made.values():
            service.kill()


def start_postgres(service: Service, folder: Path) -> None:
    """What the image's entrypoint does with the same variables; it refuses to run as root."""
    password = folder / "password"
    password.write_text(service.definition["environment"]["POSTGRES_PASSWORD"])
    own: list[str] = []
    if os.getuid() == 0:
        own = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        for path in (folder, password):
            shutil.chown(path, "postgres", "postgres")
    data = f"{folder}/data"
    create = f"initdb -D {data} -A scram-sha-256 -U triage --no-sync --pwfile={password}"
    made = service.run([*own, *shlex.split(create)])
    assert made.returncode == 0, made.stderr
    listen = f"-c listen_addresses=127.0.0.1 -c port=5432 -c unix_socket_directories={folder}"
    service.launch([*own, *shlex.split(f"postgres -D {data} {listen}")])
    login = ["psql", "-h", "127.0.0.1", "-p", "5432", "-U", "triage", "-d", "postgres", "-c", "create database triage"]
    wait_until(lambda: service.run(login, PGPASSWORD=SECRETS["POSTGRES_PASSWORD"]).returncode == 0, timeout=30)


@pytest.fixture
def postgres_folder() -> Iterator[Path]:
    """Where another user than this one may go."""
    with tempfile.TemporaryDirectory(prefix="triage-pg-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def wait_until_healthy(service: Service) -> None:
    wait_until(lambda: service.is_healthy() or not service.is_running(), timeout=60, interval=0.2)
    assert service.is_running(), service.log.read_text()


def api_key(web: Service) -> str:
    manage = ["python", "manage.py"]
    who = {"DJANGO_SUPERUSER_PASSWORD": "of-charlotte-9", "DJANGO_SUPERUSER_EMAIL": "staff@example.org"}
    made = web.run([*manage, "createsuperuser", "--no-input", "--username", "staff"], **who)
    assert made.returncode == 0, made.stderr
    return web.run([*manage, "create_api_key", "staff"]).stdout.split()[-1]


def triaged(base: str, key: str) -> str:
    """A case from the first word to its result: its category."""
    headers = {"Host": HOST, "X-Forwarded-Proto": "https", "Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=base, headers=headers, timeout=30) as client:
        opened = client.post("/start", json={"message": STORY, "language": "pt-BR"})
        assert opened.status_code == 200, opened.text
        case_id = opened.json()["case_id"]
        assert client.post("/force-complete", json={"case_id": case_id}).status_code == 200
        wait_until(lambda: client.get(f"/status/{case_id}").json()["status"] == "completed", timeout=60, interval=0.2)
        return str(client.get(f"/result/{case_id}").json()["case_type"])


@pytest.mark.fault
def test_by_hand_it_triages_a_case_and_every_service_ends_in_its_time(
    installation: dict[str, Service], postgres_folder: Path
) -> None:
    found = installation
    for name in ["postgres", "valkey", *OURS]:
        assert not found[name].is_healthy(), f"{name} is healthy before it runs"
    start_postgres(found["postgres"], postgres_folder)
    found["valkey"].start()
    for name in ("postgres", "valkey"):
        wait_until_healthy(found[name])
    found["migrate"].start()
    migrate = found["migrate"].process
    assert migrate is not None
    assert migrate.wait(timeout=90) == 0, found["migrate"].log.read_text()
    for name in OURS:
        found[name].start()
    for name in OURS:
        wait_until_healthy(found[name])
    port = next(name for pattern, name in found["web"].here.items() if "8000" in pattern)
    assert triaged(f"http://127.0.0.1:{port}/api/v2/triage", api_key(found["web"])) == "work"
    for name in [*reversed(OURS), "valkey", "postgres"]:
        ended = found[name].stop()
        assert ended in (0, -15), f"{name} ended with {ended}: {found[name].log.read_text()[-2000:]}"
    for name in OURS:
        lines = filter(None, found[name].log.read_text().splitlines())
        assert [line for line in lines if not is_json(line) and not line.startswith(CELERYS_FAREWELL)] == []


def is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
