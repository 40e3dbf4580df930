"""Alive, ready and Redis: three questions, three answers."""

from __future__ import annotations

import pytest
from django.test import Client

from triage_project.tests.faulty_valkey import FaultyValkey

pytestmark = pytest.mark.django_db


def test_alive_needs_nothing() -> None:
    assert Client().get("/healthz").status_code == 200


def test_redis_tells_latency_memory_clients_and_uptime() -> None:
    for path in ("/api/health/redis", "/api/v2/triage/health"):
        body = Client().get(path).json()
        assert body["status"] == "healthy"
        assert body["latency_ms"] >= 0
        assert body["used_memory"] > 0
        assert body["connected_clients"] >= 1
        assert body["uptime_seconds"] >= 0


@pytest.mark.fault
def test_without_redis_it_is_unhealthy_but_the_site_stays_ready(valkey: FaultyValkey) -> None:
    valkey.stop()
    assert Client().get("/api/health/redis").status_code == 503
    assert Client().get("/api/v2/triage/health").status_code == 503
    ready = Client().get("/readyz")
    assert (ready.status_code, ready.json()) == (
        200,
        {"draining": False, "database": "ok", "redis": "unavailable"},
    )
