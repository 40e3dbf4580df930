"""Who analyses: the rules, what was learnt from the flow's examples, and the models that are configured."""

from __future__ import annotations

from triage.analysis.base import Facts
from triage.analysis.strategies import Analysts
from triage.orchestrator.recollection import analyzer


def analysts_for(facts: Facts) -> Analysts:
    return Analysts(rules=analyzer())
