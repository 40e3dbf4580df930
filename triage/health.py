"""Is it alive, is it ready, how is Redis: answers for load balancers and operators."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import asdict
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from triage import broadcast
from triage.credentials import staff_of_request
from triage.dbthreads import in_db_thread, in_entry_thread, in_turn_thread
from triage.hub import hub
from triage.problems import refusals_are_problems


def redis_health() -> dict[str, Any]:
    """Latency in milliseconds, memory in bytes, clients and uptime in seconds; status unhealthy when away."""
    try:
        client = get_redis_connection("default")
        begun = time.perf_counter()
        client.ping()
        latency = (time.perf_counter() - begun) * 1000
        info = client.info()
    except (RedisError, OSError):
        return {"status": "unhealthy"}
    return {
        "status": "healthy",
        "latency_ms": round(latency, 3),
        "connected_clients": info["connected_clients"],
        "used_memory": info["used_memory"],
        "uptime_seconds": info["uptime_in_seconds"],
    }


def healthz(_request: HttpRequest) -> HttpResponse:
    """Alive: the process answers. No I/O, so that an outage elsewhere does not get it killed."""
    return HttpResponse("ok\n", content_type="text/plain")


async def readyz(_request: HttpRequest) -> JsonResponse:
    """Ready: the database answers and the server is not about to end. Without Redis cases still go on, more
    slowly, so it is only reported."""
    is_draining = hub().is_draining
    has_database, found = await asyncio.gather(in_db_thread(_database_answers), in_turn_thread(redis_health))
    body = {
        "draining": is_draining,
        "database": "ok" if has_database else "unavailable",
        "redis": "ok" if found["status"] == "healthy" else "unavailable",
    }
    return JsonResponse(body, status=200 if has_database and not is_draining else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def redis(_request: HttpRequest) -> JsonResponse:
    found = redis_health()
    return JsonResponse(found, status=200 if found["status"] == "healthy" else 503)


@refusals_are_problems
async def streams(request: HttpRequest) -> HttpResponseBase:
    """For staff: what the streams of this process have met with since it began. Each process has figures of its own."""
    await in_entry_thread(staff_of_request, request)
    here, sent = hub(), broadcast.counters()
    return JsonResponse(
        {
            "process": os.getpid(),
            "streams": here.streams.total(),
            "cases": len(here.topics.case_ids()),
            **asdict(here.counts),
            "queue_high_water": here.topics.high_water,
            "subscription_renewed": here.hints.times_deaf,
            "outbound": asdict(sent),
        }
    )
