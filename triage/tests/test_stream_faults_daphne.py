"""Under Daphne, the other server that Channels knows: who followed goes on behind what they saw after it was ended."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings

from triage.dbthreads import in_db_thread
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.tests.stream_client import everything_arrives, until, watching
from triage.tests.web_process import IMPATIENT, environment_of_test
from triage_project.child import kill_group, spawn
from triage_project.tests.booted import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream, pytest.mark.fault]

APPLICATION = "triage.tests.impatient_web:application"


@contextmanager
def daphne(port: int) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**environment_of_test(), "IMPATIENCE": json.dumps(IMPATIENT), "DRAIN_SECONDS": "0.5"}
    command = [sys.executable, "-m", "daphne", "--verbosity", "0", "--port", str(port), APPLICATION]
    with (settings.DATA_DIR / f"daphne-{port}.log").open("ab") as output:
        process = spawn(command, environment=environment, output=output)
    try:
        yield process
    finally:
        kill_group(process)
        process.wait()


async def test_streams_resume_at_the_next_server_after_sigterm() -> None:
    port, case = free_port(), await in_db_thread(make_case)
    async with watching(port, [case.pk], count=4) as clients:
        with daphne(port) as process:
            await until(lambda: all(client.connections == 1 for client in clients))
            await in_db_thread(write, case.pk, 3)
            await everything_arrives(clients)
            process.send_signal(signal.SIGTERM)
            await in_db_thread(write, case.pk, 3)
            await until(lambda: process.poll() is not None)
            assert process.returncode in (0, -signal.SIGTERM)
        await in_db_thread(write, case.pk, 3)
        with daphne(port):
            await everything_arrives(clients)
            await in_db_thread(write, case.pk, 3)
            await everything_arrives(clients)
