"""What must be true before anything starts; each check that fails raises one sentence."""

from __future__ import annotations

import errno
import ipaddress
import socket

import redis
from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DatabaseError
from django.db import connection

from triage_project.addresses import without_password
from triage_project.child import CannotStart
from triage_project.embedded import connect

REDIS_SECONDS = 3.0


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def allowed_hosts(host: str, *, debug: bool, insecure: bool, configured: list[str]) -> list[str]:
    """The host names that the web part serves."""
    if not configured:
        raise CannotStart("With SECRET_KEY set this is a deployment: name its hosts in ALLOWED_HOSTS.")
    if not debug or is_loopback(host):
        return configured
    if not insecure:
        raise CannotStart(
            f"DEBUG shows strangers the insides, so {host} is served only with --insecure, "
            "or with SECRET_KEY and ALLOWED_HOSTS set, which turns DEBUG off."
        )
    return ["*"] if _is_any_address(host) else [host, *configured]


def _is_any_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def check_port(host: str, port: int) -> None:
    if not 0 < port < 1 << 16:
        raise CannotStart(f"Port {port} does not exist; choose one from 1 to 65535 with --port.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(f"Port {port} on {host} is taken; choose another with --port.") from error
        raise CannotStart(f"The web server cannot listen on {host} port {port}: {_first_line(error)}.") from error


def check_redis(url: str) -> None:
    try:
        with connect(url, REDIS_SECONDS) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        raise CannotStart(f"REDIS_URL {without_password(url)} cannot be reached: {_first_line(error)}.") from error


def check_database() -> None:
    try:
        connection.ensure_connection()
    except (DatabaseError, ImproperlyConfigured, OSError) as error:
        name = without_password(str(connection.settings_dict["HOST"] or connection.settings_dict["NAME"]))
        raise CannotStart(f"The database {name} cannot be reached: {_first_line(error)}.") from error
    finally:
        connection.close()


def _first_line(error: BaseException) -> str:
    return " ".join(str(error).split("\n")[0].split()).rstrip(".") or type(error).__name__
