"""Test flows as rows."""

from __future__ import annotations

from typing import Any

from triage.flows.loader import load_flow
from triage.flows.schema import Flow
from triage.models import FlowVersion
from triage.tests.small_flow import SMALL, flow_with

QUESTIONS = 500


def _endless(data: dict[str, Any]) -> None:
    """As many open questions as anybody could answer in a test."""
    words = {"pt-BR": "E depois?", "en": "And then?"}
    names = [f"then{number}" for number in range(QUESTIONS)]
    data["id"] = "endless"
    data["slots"] += [{"id": name, "title": words, "kind": "text"} for name in names]
    data["questions"] += [
        {"id": name, "slot": name, "text": words, "reason": words, "essential": True} for name in names
    ]
    data["complexity"]["limits"] = {
        level: {"least": QUESTIONS, "most": QUESTIONS} for level in ("low", "medium", "high")
    }


def load_small_flow(name: str = SMALL.id) -> FlowVersion:
    flow: Flow = SMALL if name == SMALL.id else flow_with(_endless)
    version, _ = load_flow(flow)
    return version
