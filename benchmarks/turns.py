"""Whole turns: what a person said, understood, decided and committed with its events; hints leave by themselves."""

from __future__ import annotations

import time

from triage import orchestrator
from triage.access import Actor, secret_hash
from triage.flows.loader import flow_files, load_flow, read_flow

FLOW, LANGUAGE = "legal-intake", "pt-br"
FIRST_WORDS = "Fui demitido sem justa causa em 3 de março e não recebi R$ 12.000 de rescisão."
REPLY = "não sei"  # answers every kind of question and never ends an interview early
GUEST = Actor(guest=secret_hash("guest", "benchmark"))


def load_flows() -> None:
    for path in flow_files():
        load_flow(read_flow(path))


def interviews(count: int) -> list[float]:
    """Milliseconds of every turn of so many interviews, from the first words until no question is left."""
    measured: list[float] = []
    for _ in range(count):
        began = time.perf_counter()
        outcome = orchestrator.open_case(actor=GUEST, flow_id=FLOW, language=LANGUAGE, text=FIRST_WORDS, consented=True)
        measured.append((time.perf_counter() - began) * 1000)
        while outcome.status == "interviewing":
            began = time.perf_counter()
            outcome = orchestrator.answer(actor=GUEST, case_id=outcome.case_id, text=REPLY)
            measured.append((time.perf_counter() - began) * 1000)
    return measured
