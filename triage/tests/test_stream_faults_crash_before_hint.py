"""A process that dies between its commit and its hint: who watches sees what was committed."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from django.conf import settings

from triage.dbthreads import in_db_thread
from triage.tests.cast import make_case
from triage.tests.stream_client import everything_arrives, watching
from triage.tests.web_process import WebProcess, environment_of_test

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream, pytest.mark.fault]

DIES_AT_COMMIT = """
import os, signal, sys
import django
django.setup()
from django.db import transaction
from triage import orchestrator
from triage.access import SYSTEM
with transaction.atomic():
    transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
    orchestrator.answer(actor=SYSTEM, case_id=sys.argv[1], text="yesterday")
"""


def answer_and_die(case_id: str) -> None:
    died = subprocess.run(
        [sys.executable, "-c", DIES_AT_COMMIT, case_id],
        env=environment_of_test(),
        cwd=settings.BASE_DIR,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()[-2000:]


async def test_what_was_committed_is_seen(web: WebProcess) -> None:
    case = await in_db_thread(make_case)
    async with watching(web.port, [case.pk]) as clients:
        await everything_arrives(clients)
        before = clients[0].cursor
        answer_and_die(case.pk)
        await case.arefresh_from_db()
        assert case.last_seq > before
        await everything_arrives(clients)
        assert {client.connections for client in clients} == {1}
