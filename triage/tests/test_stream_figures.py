"""What streams have met with is counted, and told to staff."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from triage import hub as hub_module
from triage.access import SYSTEM
from triage.stream import follow
from triage.tests.cast import make_case
from triage.tests.log_writer import write
from triage.tests.stream_client import keys_of_staff
from triage.viewers import Viewer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stream]


async def figures(key: str) -> dict[str, Any]:
    response = await AsyncClient().get("/api/health/streams", headers={"authorization": f"Bearer {key}"})
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


async def test_streams_missed_hints_and_resets_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "POLL", (0.1, 0.2))
    case = await sync_to_async(make_case)()
    (key,) = await sync_to_async(keys_of_staff)(1)
    before = await figures(key)
    async with aclosing(follow(Viewer(SYSTEM, case.pk), 9999)) as frames:
        assert (await anext(frames)).type == "stream_reset"
        last = await sync_to_async(write)(case.pk, hinted=False)
        while (await anext(frames)).seq != last:
            pass
        now = await figures(key)
    assert (now["streams"], now["cases"]) == (1, 1)
    assert now["resets"] == before["resets"] + 1
    assert now["hints_missed"] == before["hints_missed"] + 1
    assert now["polls_with_news"] == before["polls_with_news"] + 1
    assert (await figures(key))["streams"] == 0


async def test_others_are_not_told() -> None:
    assert (await AsyncClient().get("/api/health/streams")).status_code == 401
