"""`up`: the whole installation on one machine."""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import Resolver404, resolve

from triage_project import embedded, parts, preflight
from triage_project.child import CannotStart
from triage_project.console import Console
from triage_project.data_lock import holding, make_data_dir
from triage_project.database import prepare_database, prepare_static_files
from triage_project.local_account import Credentials, credentials_path, local_account
from triage_project.supervisor import Supervisor

PLACES = (("start page", "/"), ("board", "/board/"), ("admin", "/admin/"), ("API docs", "/api/docs"))


class Command(BaseCommand):
    help = "Start everything on this machine: Valkey, database, web, workers and schedule."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="where the web part listens (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="its port (default: %(default)s)")
        parser.add_argument(
            "--data-dir",
            type=_directory,
            default=settings.DATA_DIR,
            help="database, Valkey data and credentials (default: %(default)s)",
        )
        parser.add_argument("--insecure", action="store_true", help="allow DEBUG on an address others can reach")

    def handle(self, *_args: Any, **options: Any) -> None:
        _with_data_dir(options["data_dir"])
        try:
            _Start(options["host"], options["port"], insecure=options["insecure"]).run()
        except CannotStart as error:
            self.stderr.write(str(error))
            sys.exit(1)
        except KeyboardInterrupt:
            sys.exit(130)


def _directory(text: str) -> Path:
    if not text.strip():
        raise ArgumentTypeError("name a directory")
    return Path(text).expanduser().absolute()


def _with_data_dir(data_dir: Path) -> None:
    """Settings are read at import, so another data directory means to begin again as the same process."""
    if data_dir != settings.DATA_DIR:
        os.environ["TRIAGE_DATA_DIR"] = str(data_dir)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


class _Start:
    """One run of `up`, from the checks to the last child's end."""

    def __init__(self, host: str, port: int, *, insecure: bool) -> None:
        self._began = time.monotonic()
        self._host, self._port = host, port
        self._data_dir: Path = settings.DATA_DIR
        self._allowed_hosts = preflight.allowed_hosts(
            host, debug=settings.DEBUG, insecure=insecure, configured=settings.ALLOWED_HOSTS
        )
        address = parts.reachable(host)
        self._url = f"http://{f'[{address}]' if ':' in address else address}:{port}"
        self._console = Console()
        self._supervisor = Supervisor(self._console)

    def run(self) -> None:
        make_data_dir(self._data_dir)
        with holding(self._data_dir, "up", self._url):
            with self._supervisor.running():
                self._check()
                credentials = self._boot()
                self._greet(credentials)
                self._supervisor.watch()
            self._console.say("stopped")

    def _check(self) -> None:
        preflight.check_port(self._host, self._port)
        if not settings.REDIS_IS_EMBEDDED:
            preflight.check_redis(settings.REDIS_URL)
        preflight.check_database()
        self._supervisor.heed()

    def _boot(self) -> Credentials | None:
        data_dir = self._data_dir
        if settings.REDIS_IS_EMBEDDED:
            embedded.prepare(data_dir)
            self._supervisor.start(parts.valkey(data_dir))
            self._supervisor.wait_until_ready()
        prepare_database()
        prepare_static_files()
        self._supervisor.heed()
        self._console.say("database and flows are ready; starting web, workers and schedule")
        self._supervisor.start(
            parts.web(data_dir, self._host, self._port, self._allowed_hosts),
            parts.worker(data_dir, queues=("interactive", "schedule")),
            parts.batch_worker(data_dir),
            parts.schedule(data_dir),
        )
        credentials = local_account(data_dir) if settings.DEBUG else None
        self._supervisor.wait_until_ready()
        return credentials

    def _greet(self, credentials: Credentials | None) -> None:
        lines = [f"ready in {time.monotonic() - self._began:.1f} s", ""]
        lines += [f"  {name:11} {self._url}{path}" for name, path in PLACES if _is_served(path)]
        if credentials:
            lines += [
                f"  {'sign in':11} {credentials.username} / {credentials.password}",
                f"  {'API key':11} {credentials.api_key}",
                f"  {'kept in':11} {credentials_path(self._data_dir)}",
            ]
        else:
            lines.append(f"  {'sign in':11} with your accounts (`manage.py createsuperuser` makes one)")
        lines += ["", "Ctrl-C stops everything."]
        self._console.say("\n".join(lines))


def _is_served(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
