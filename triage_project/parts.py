"""What an installation consists of: how each part is started and when it is ready."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from triage_project import embedded
from triage_project.signs import has_signed
from triage_project.supervisor import Part

# Lines that are true, harmless on one machine, and would open or close every session.
VALKEY_MUTED = ("Memory overcommit must be enabled", "scheduling shutdown", "ready to exit, bye bye")
# Both of the eight seconds that the supervisor grants: web then has six for turns in flight, and ending the pool of
# a worker takes one or two, more on a busy machine.
DRAIN_SECONDS = "1"
WORKER_SECONDS = "4"
WORKER_MUTED = ("Hitting Ctrl+C again",)


def environment(data_dir: Path) -> dict[str, str]:
    """PYTHONPATH instead of another working directory, which would give relative paths another meaning."""
    return {
        "TRIAGE_DATA_DIR": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "triage_project.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
        "PYTHONUNBUFFERED": "1",
    }


def valkey(data_dir: Path) -> Part:
    return Part(
        name="valkey",
        command=embedded.command(data_dir),
        is_ready=lambda _: embedded.answers(data_dir),
        muted=VALKEY_MUTED,
        stops_last=True,
    )


def web(data_dir: Path, host: str, port: int, allowed_hosts: list[str]) -> Part:
    """`allowed_hosts`: the names that the children serve; the first one is used to ask for its health."""
    name = next((name.lstrip(".") for name in allowed_hosts if name != "*"), host)
    return Part(
        name="web",
        command=[sys.executable, "-m", "triage_project.serve", "--host", host, "--port", str(port)],
        environment={
            **environment(data_dir),
            "ALLOWED_HOSTS": ",".join(allowed_hosts),
            "DRAIN_SECONDS": DRAIN_SECONDS,
        },
        is_ready=lambda _: is_healthy(reachable(host), port, name),
    )


def reachable(host: str) -> str:
    """An address to ask a server that listens on every address."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def is_healthy(address: str, port: int, host_name: str) -> bool:
    connection = http.client.HTTPConnection(address, port, timeout=1.0)
    try:
        connection.request("GET", "/healthz", headers={"Host": host_name})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def worker(data_dir: Path, queues: Sequence[str] = ()) -> Part:
    """For the queues that are named, else for all of them."""
    return _worker(data_dir, "worker", *(["--queues", ",".join(queues)] if queues else []))


def batch_worker(data_dir: Path) -> Part:
    """Apart, so that a batch never delays people. It serves the schedule too: the sweep must not wait for people."""
    return _worker(data_dir, "batch", "--queues", "batch,schedule", "--concurrency", "1")


def _worker(data_dir: Path, name: str, *options: str) -> Part:
    return Part(
        name=name,
        command=[
            *_celery("worker"),
            *("--hostname", f"{name}@%h", *options, "--without-gossip", "--without-mingle"),
        ],
        # SIGTERM then hands back to the queue what is not finished in time, instead of waiting for its end.
        environment={
            **environment(data_dir),
            "REMAP_SIGTERM": "SIGQUIT",
            "WORKER_SOFT_SHUTDOWN": WORKER_SECONDS,
            # A child is one of as many as there are processors: reckoning in several threads takes them from others.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        },
        is_ready=lambda pid: has_signed(data_dir, name, pid),
        muted=WORKER_MUTED,
    )


def schedule(data_dir: Path) -> Part:
    return Part(
        name="schedule",
        command=[*_celery("beat"), "--scheduler", "triage_project.supervised:Schedule", "--pidfile="],
        environment=environment(data_dir),
        is_ready=lambda pid: has_signed(data_dir, "schedule", pid),
    )


def _celery(role: str) -> list[str]:
    return [sys.executable, "-m", "celery", "--quiet", "-A", "triage_project.supervised", role]
