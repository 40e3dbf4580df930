"""One REDIS_URL reaches cache, channel layer and broker with its password, its TLS and a database of each's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from kombu.utils.url import parse_url
from redis import ConnectionPool, SSLConnection, UnixDomainSocketConnection

from triage_project.addresses import SOCKET_PATH_LIMIT, broker_url, cache_url, socket_path


def test_a_password_reaches_both() -> None:
    url = "redis://:s3cret@redis.internal:6380"
    cache = ConnectionPool.from_url(cache_url(url)).connection_kwargs
    assert (cache["host"], cache["port"], cache["password"], cache["db"]) == ("redis.internal", 6380, "s3cret", 0)
    broker = parse_url(broker_url(url))
    assert (broker["hostname"], broker["port"], broker["password"]) == ("redis.internal", 6380, "s3cret")
    assert broker["virtual_host"] == "1"


def test_tls_is_kept_and_the_brokers_certificate_is_required() -> None:
    url = "rediss://user:s3cret@redis.internal:6379/5"
    pool = ConnectionPool.from_url(cache_url(url))
    assert pool.connection_class is SSLConnection
    assert pool.connection_kwargs["db"] == 5
    broker = broker_url(url)
    assert broker.startswith("rediss://user:s3cret@redis.internal:6379/6?")
    assert "ssl_cert_reqs=required" in broker


def test_a_unix_socket_is_told_in_each_librarys_own_dialect() -> None:
    url = "unix:///run/valkey.sock"
    pool = ConnectionPool.from_url(cache_url(url))
    assert pool.connection_class is UnixDomainSocketConnection
    assert pool.connection_kwargs["path"] == "/run/valkey.sock"
    assert broker_url(url) == "redis+socket:///run/valkey.sock?virtual_host=1"
    assert broker_url(f"{url}?db=3") == "redis+socket:///run/valkey.sock?virtual_host=4"


@pytest.mark.parametrize("length", [10, 300])
def test_a_socket_path_is_always_short_enough(length: int) -> None:
    data_dir = Path("/") / ("d" * length)
    assert len(str(socket_path(data_dir))) <= SOCKET_PATH_LIMIT
    assert socket_path(data_dir) == socket_path(data_dir)
    assert socket_path(data_dir) != socket_path(data_dir / "other")
