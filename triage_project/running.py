"""Valkey and one worker for a command that needs them: those that run already, else its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings
from kombu.exceptions import OperationalError

from triage_project import parts
from triage_project.celery import app
from triage_project.child import CannotStart, end, spawn, wait_until
from triage_project.data_lock import Occupied, among_guests, holder_of, holding, make_data_dir, without_guests
from triage_project.database import prepare_database
from triage_project.embedded import EmbeddedValkey, answers

READY_SECONDS = 60.0
STOP_SECONDS = 8.0
PING_SECONDS = 1.5


@contextmanager
def running_parts(data_dir: Path) -> Iterator[None]:
    """For the length of the block: Valkey, a worker that is ready, a database with its flows.

    With a REDIS_URL only the worker is brought, if none answers; that installation's database is its operator's.

    A running `up` has all of them, and nothing is started. Of two commands at once the second uses what the
    first one brought, and the first one stays until the second is done. Call it from the main thread.
    """
    make_data_dir(data_dir)
    if not settings.REDIS_IS_EMBEDDED:
        with ExitStack() as stack:
            if not worker_answers():
                stack.enter_context(_own_worker(data_dir))
            yield
        return
    with ExitStack() as stack:
        while not (_joined(data_dir, stack) or _brought(data_dir, stack)):
            pass  # another process came or went in between
        yield


def worker_answers() -> bool:
    """Whether any worker takes work from this Redis."""
    try:
        return bool(app.control.inspect(timeout=PING_SECONDS, limit=1).ping())
    except (OperationalError, OSError):
        return False


def queues_served() -> set[str]:
    """The queues that some worker takes work from; asks for as long as a slow one may need to answer."""
    try:
        found = app.control.inspect(timeout=PING_SECONDS).active_queues() or {}
    except (OperationalError, OSError):
        return set()
    return {queue["name"] for queues in found.values() for queue in queues}


def _joined(data_dir: Path, stack: ExitStack) -> bool:
    """Be a guest of who runs the parts, until the stack closes; False when nobody runs them."""
    if holder_of(data_dir) is None:
        return False
    with ExitStack() as mine:
        mine.enter_context(among_guests(data_dir))
        if not wait_until(lambda: _is_served(data_dir) or holder_of(data_dir) is None, READY_SECONDS):
            raise CannotStart(f"Another process runs on {data_dir}, but its worker does not answer.")
        if holder_of(data_dir) is None:  # it was on its way out
            return False
        stack.push(mine.pop_all())
    return True


def _is_served(data_dir: Path) -> bool:
    return answers(data_dir) and worker_answers()


def _brought(data_dir: Path, stack: ExitStack) -> bool:
    """Own parts until the stack closes; False when another process was faster."""
    own = ExitStack()
    try:
        own.enter_context(holding(data_dir, "triage"))
    except Occupied:
        return False
    with own:  # a start that fails is undone, and waits for no guest
        own.enter_context(EmbeddedValkey(data_dir))
        prepare_database()
        own.enter_context(_own_worker(data_dir))
        stack.callback(_leave, data_dir, own.pop_all())
    return True


def _leave(data_dir: Path, own: ExitStack) -> None:
    with ExitStack() as way_out:
        try:
            way_out.enter_context(without_guests(data_dir))
        finally:  # also when somebody is tired of waiting
            own.close()


@contextmanager
def _own_worker(data_dir: Path) -> Iterator[None]:
    part = parts.worker(data_dir)
    log = data_dir / "run" / "worker.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as output:
        process = spawn(part.command, environment={**os.environ, **part.environment}, output=output)
    try:
        wait_until(lambda: part.is_ready(process.pid) or process.poll() is not None, READY_SECONDS)
        if not part.is_ready(process.pid) or process.poll() is not None:
            raise CannotStart(f"The worker does not start; {log} says why.")
        yield
    finally:
        end([process], STOP_SECONDS)
