"""Which runs the board shows. It stands in the address, so that it survives a refresh and can be sent on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from triage.models import Priority, TriageRun


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty fields do not narrow. `error` and `step` together are a cause."""

    lane: str = ""
    priority: str = ""
    state: str = ""
    error: str = ""
    step: str = ""

    @classmethod
    def of_query(cls, query: Mapping[str, Any]) -> Filters:
        """What of an address can be understood; `cause` is "error/step"."""
        error, _, step = query.get("cause", "").partition("/")
        return cls(
            lane=_one_of(TriageRun.Lane.values, query.get("lane", "")),
            priority=_one_of(Priority.values, query.get("priority", "")),
            state=_one_of(TriageRun.State.values, query.get("state", "")),
            error=error.replace("\x00", "")[:40],
            step=step.replace("\x00", "")[:40],
        )

    @property
    def cause(self) -> str:
        return f"{self.error}/{self.step}" if self.error or self.step else ""

    @property
    def query(self) -> str:
        """As an address has it, "" when nothing narrows."""
        fields = {"lane": self.lane, "priority": self.priority, "state": self.state, "cause": self.cause}
        return urlencode({name: value for name, value in fields.items() if value})

    @property
    def columns(self) -> dict[str, str]:
        """Of a run, without its state."""
        wanted = {"lane": self.lane, "priority": self.priority, "error": self.error, "last_step": self.step}
        return {name: value for name, value in wanted.items() if value}

    def __bool__(self) -> bool:
        return any(asdict(self).values())


def _one_of(known: list[str], given: str) -> str:
    return given if given in known else ""
