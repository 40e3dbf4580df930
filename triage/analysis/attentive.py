"""The analyzer of the interview: the rules, and whatever its flow's version has learnt."""

from __future__ import annotations

from triage import classifiers
from triage.analysis.rules import RulesAnalyzer


class AttentiveAnalyzer(RulesAnalyzer):
    """Hears danger that is only hinted at, too, once that is learnt, and where a flow tells of it."""

    def __init__(self) -> None:
        super().__init__(classifiers.danger_heard)
