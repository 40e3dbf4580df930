from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection

from triage_project.addresses import broker_url, socket_path
from triage_project.child import CannotStart
from triage_project.embedded import EmbeddedValkey, answers, connect


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(tmp_path) as started:
        yield started


def test_it_listens_on_a_private_socket_and_on_no_port(valkey: EmbeddedValkey) -> None:
    with connect(valkey.url, timeout=2) as client:
        assert client.config_get("port") == {"port": "0"}
        assert client.config_get("save") == {"save": ""}
        assert client.info("persistence")["aof_enabled"] == 1
        assert client.info("memory")["maxmemory_policy"] == "noeviction"
    path = socket_path(valkey.data_dir)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.fault
def test_what_was_written_survives_kill_9(valkey: EmbeddedValkey) -> None:
    with connect(valkey.url, timeout=2) as client:
        client.set("kept", "yes")
    valkey.kill()
    assert not answers(valkey.data_dir)
    valkey.start()
    with connect(valkey.url, timeout=2) as client:
        assert client.get("kept") == b"yes"


@pytest.mark.fault
def test_paused_it_keeps_silent_and_can_still_be_stopped(valkey: EmbeddedValkey) -> None:
    valkey.pause()
    assert not answers(valkey.data_dir)
    valkey.resume()
    assert answers(valkey.data_dir)
    valkey.pause()
    valkey.stop()
    assert not answers(valkey.data_dir)


@pytest.mark.fault
def test_a_server_that_a_killed_start_left_behind_is_ended_first(valkey: EmbeddedValkey) -> None:
    with connect(valkey.url, timeout=2) as client:
        left_behind = client.info("server")["process_id"]
    with EmbeddedValkey(valkey.data_dir) as successor, connect(successor.url, timeout=2) as client:
        assert client.info("server")["process_id"] != left_behind


@pytest.mark.parametrize("name", ["with space", "com acentuação", "a%41#b?c=d&e", "long-" * 40])
def test_any_directory_works_for_every_library(tmp_path: Path, name: str) -> None:
    data_dir = tmp_path / name
    with EmbeddedValkey(data_dir) as valkey, connect(valkey.url, timeout=2) as client:
        assert client.ping()
        with Connection(broker_url(valkey.url)) as broker:
            queue = broker.SimpleQueue("work")
            queue.put("due")
            assert queue.get(timeout=2).payload == "due"


def test_a_socket_directory_that_is_a_trap_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "valkey").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotStart, match="belongs to somebody else"):
        EmbeddedValkey(tmp_path).start()
