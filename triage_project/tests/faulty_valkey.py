"""The embedded Valkey as tests want it: to be stopped, paused, killed and wiped, and well again afterwards."""

from __future__ import annotations

from redis import Redis

from triage_project.embedded import EmbeddedValkey, answers, connect


class FaultyValkey(EmbeddedValkey):
    def client(self) -> Redis:
        """A connection of the test's own, apart from the pool under test."""
        return connect(self.url, timeout=5.0)

    def wipe(self) -> None:
        with self.client() as client:
            client.flushall()

    def heal(self) -> None:
        """Running and answering again, whatever a test did to it."""
        if self.is_running():
            self.resume()
        if not answers(self.data_dir):
            self.kill()
            self.start()

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None
