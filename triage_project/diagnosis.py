"""What `doctor` looks at: one question about each part, answered with what to do."""

from __future__ import annotations

import asyncio
import http.client
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import ChannelError

from triage.analysis.llm.checks import check_models as models_in_settings
from triage.analysis.llm.configuration import base_url_of, model_names, provider_of
from triage.breaker import breakers
from triage.models import FlowVersion
from triage_project.addresses import without_password
from triage_project.celery import app
from triage_project.child import CannotStart
from triage_project.data_lock import holder_of, make_data_dir
from triage_project.embedded import connect
from triage_project.parts import is_healthy
from triage_project.running import queues_served
from triage_project.signs import seconds_since_sign

START_IT = "start everything with `python manage.py up`"
FREE_ENOUGH, FREE_LITTLE = 1 << 30, 100 << 20  # bytes
QUEUE_LONG = 100  # messages; each is only a hint, so this many mean that nobody fetches them
SCHEDULE_LATE = 40.0  # seconds; it signs every ten


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    state: Literal["ok", "warn", "fail"]
    found: str
    advice: str = ""


def diagnose() -> Iterator[Finding]:
    """One finding after the other, never an exception: a check that breaks is itself a finding."""
    redis_finding = _asked("redis", check_redis)
    for part, check in {**_CHECKS, **(_MODEL_CHECKS if model_names() else {})}.items():
        if part == "redis":
            yield redis_finding
        elif part in _NEED_REDIS and redis_finding.state == "fail":
            yield Finding(part, "fail", "not asked, as Redis does not answer", redis_finding.advice)
        else:
            yield _asked(part, check)


def _asked(part: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:  # the whole point: whatever is wrong becomes a line
        text = " ".join(str(error).split()) or "no reason given"
        return Finding(part, "fail", f"{type(error).__name__}: {text}", "put this right and ask again")


def check_python() -> Finding:
    return Finding("python", "ok", f"{sys.version.split()[0]}, {sys.executable}")


def check_data_dir() -> Finding:
    try:
        make_data_dir(settings.DATA_DIR)
    except CannotStart as error:
        return Finding("data", "fail", str(error), "make it writable or set TRIAGE_DATA_DIR")
    free = shutil.disk_usage(settings.DATA_DIR).free
    found = f"{settings.DATA_DIR}, {free / (1 << 30):.1f} GiB free"
    if free < FREE_ENOUGH:
        return Finding("data", "fail" if free < FREE_LITTLE else "warn", found, "free some disk space")
    return Finding("data", "ok", found)


def check_database() -> Finding:
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    found = f"{connection.vendor}, answers in {(time.monotonic() - began) * 1000:.1f} ms"
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return Finding("database", "fail", f"{found}, {len(missing)} migrations missing", "python manage.py migrate")
    return Finding("database", "ok", f"{found}, all migrations applied")


def check_redis() -> Finding:
    url = without_password(settings.REDIS_URL)
    try:
        with connect(settings.REDIS_URL, timeout=2.0) as client:
            began = time.monotonic()
            client.ping()
            latency = (time.monotonic() - began) * 1000
            info = client.info()
    except (redis.RedisError, OSError, ValueError) as error:
        advice = START_IT if settings.REDIS_IS_EMBEDDED else "start that server or correct REDIS_URL"
        return Finding("redis", "fail", f"{url} does not answer: {error}", advice)
    found = f"{url}, {latency:.2f} ms, {info['used_memory_human']} used"
    if not info["aof_enabled"]:
        return Finding("redis", "warn", f"{found}, no append-only file", "set `appendonly yes`, or a restart forgets")
    if info["maxmemory_policy"] != "noeviction":
        policy = info["maxmemory_policy"]
        return Finding("redis", "warn", f"{found}, policy {policy}", "set `maxmemory-policy noeviction`")
    return Finding("redis", "ok", f"{found}, append-only file on, nothing evicted")


def check_channel_layer() -> Finding:
    milliseconds = async_to_sync(_channel_round_trip)() * 1000
    return Finding("channels", "ok", f"a message came back in {milliseconds:.1f} ms")


async def _channel_round_trip() -> float:
    layer = get_channel_layer()
    channel = await layer.new_channel("doctor")
    group = channel.replace("!", ".")
    await layer.group_add(group, channel)
    try:
        began = time.monotonic()
        await layer.group_send(group, {"type": "doctor"})
        async with asyncio.timeout(2.0):
            await layer.receive(channel)
        return time.monotonic() - began
    finally:
        await layer.group_discard(group, channel)


def check_queues() -> Finding:
    lengths = {}
    with app.connection_for_read() as broker:
        for queue in settings.CELERY_TASK_QUEUES:
            try:
                declared: Any = queue.bind(broker.default_channel).queue_declare(passive=True)
                lengths[queue.name] = declared.message_count
            except ChannelError:  # an empty queue has no key
                lengths[queue.name] = 0
    found = ", ".join(f"{name} {length}" for name, length in lengths.items())
    if any(length > QUEUE_LONG for length in lengths.values()):
        return Finding("queues", "warn", found, "see whether the worker works; start more of them")
    return Finding("queues", "ok", found)


def check_worker() -> Finding:
    served = queues_served()
    unserved = [queue.name for queue in settings.CELERY_TASK_QUEUES if queue.name not in served]
    if not served:
        return Finding("worker", "fail", "no worker answers", START_IT)
    if unserved:
        return Finding("worker", "fail", f"no worker answers for {', '.join(unserved)}", START_IT)
    return Finding("worker", "ok", "every queue has one")


def check_schedule() -> Finding:
    seconds = seconds_since_sign(settings.DATA_DIR, "schedule")
    if seconds is not None and seconds < SCHEDULE_LATE:
        return Finding("schedule", "ok", f"last seen {seconds:.0f} s ago")
    found = "never seen here" if seconds is None else f"last seen {seconds:.0f} s ago"
    if holder_of(settings.DATA_DIR) is None:
        return Finding("schedule", "warn", f"{found}, and no `up` runs here", f"{START_IT}, unless it runs elsewhere")
    return Finding("schedule", "fail", found, "see what `up` prints about it")


def check_web() -> Finding:
    holder = holder_of(settings.DATA_DIR)
    if holder is None or not holder.url:
        return Finding("web", "warn", "no `up` runs here", f"{START_IT}, unless it runs elsewhere")
    address = urlsplit(holder.url)
    name = next((name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"), address.hostname or "")
    if is_healthy(address.hostname or "", address.port or http.client.HTTP_PORT, name):
        return Finding("web", "ok", holder.url)
    return Finding("web", "fail", f"{holder.url} does not answer", "see what `up` prints about it")


def check_flows() -> Finding:
    try:
        count = FlowVersion.objects.order_by().values("flow").distinct().count()
    except DatabaseError:
        return Finding("flows", "fail", "the table cannot be read", "python manage.py migrate")
    if not count:
        return Finding("flows", "fail", "none loaded", "python manage.py flows load")
    return Finding("flows", "ok", f"{count} loaded")


def check_models() -> Finding:
    """Only when some are configured. Without them everything goes on, so a server that is away is no failure."""
    found = ", ".join(model_names())
    if problems := models_in_settings():
        wrong = "; ".join(str(problem.msg) for problem in problems)
        return Finding("models", "fail" if any(map(_is_error, problems)) else "warn", wrong, "correct the settings")
    for url in dict.fromkeys(filter(None, (base_url_of(provider_of(name)) for name in model_names()))):
        address = urlsplit(url)
        try:
            socket.create_connection((address.hostname or "", address.port or _PORTS[address.scheme]), 2.0).close()
        except OSError as error:
            return Finding("models", "warn", f"{url} does not answer: {error}", "start that server")
    if away := [state.provider for state in breakers() if state.state != "closed"]:
        return Finding("models", "warn", f"{found}; failing: {', '.join(away)}", "see the worker's log")
    return Finding("models", "ok", found)


def _is_error(problem: checks.CheckMessage) -> bool:
    return problem.level >= checks.ERROR


def check_security() -> Finding:
    """Django's own deployment checks; on somebody's own machine DEBUG is meant."""
    if settings.DEBUG:
        return Finding("security", "ok", "DEBUG is on: for this machine only; SECRET_KEY set turns it off")
    problems = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
    if problems:
        ids = ", ".join(str(problem.id) for problem in problems)
        return Finding("security", "warn", f"Django warns: {ids}", "python manage.py check --deploy")
    return Finding("security", "ok", "DEBUG is off, Django's deployment checks pass")


_CHECKS: dict[str, Callable[[], Finding]] = {
    "python": check_python,
    "data": check_data_dir,
    "database": check_database,
    "flows": check_flows,
    "redis": check_redis,
    "channels": check_channel_layer,
    "queues": check_queues,
    "worker": check_worker,
    "schedule": check_schedule,
    "web": check_web,
    "security": check_security,
}
_MODEL_CHECKS = {"models": check_models}
_PORTS = {"http": http.client.HTTP_PORT, "https": http.client.HTTPS_PORT}
_NEED_REDIS = {"channels", "queues", "worker"}
