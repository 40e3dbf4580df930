"""Hints that are lost, doubled, late and out of order: streams are none of it."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from triage.dbthreads import in_db_thread
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.tests.stream_client import everything_arrives, watching
from triage.tests.web_process import SOAK, WebProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream, pytest.mark.fault]

SEEDS = range(50 if SOAK else 3)


def send_hints_through(settings: Settings, layer: str, **config: int) -> None:
    """Hints of this process, which writes; the server that listens to them keeps its own layer."""
    usual = settings.CHANNEL_LAYERS["default"]["CONFIG"]
    backend = f"triage.tests.unreliable_layer.{layer}"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": {**usual, **config}}}


@pytest.mark.parametrize("seed", SEEDS)
async def test_events_come_once_and_in_order(seed: int, web: WebProcess, settings: Settings) -> None:
    case = await in_db_thread(make_case)
    send_hints_through(settings, "UnreliableLayer", seed=seed)
    async with watching(web.port, [case.pk]) as clients:
        for _ in range(60):
            await in_db_thread(write, case.pk)
        await everything_arrives(clients)


async def test_events_come_though_no_hint_ever_does(web: WebProcess, settings: Settings) -> None:
    case = await in_db_thread(make_case)
    send_hints_through(settings, "DeafLayer")
    async with watching(web.port, [case.pk]) as clients:
        for _ in range(3):
            await in_db_thread(write, case.pk, 10)
            await everything_arrives(clients)
