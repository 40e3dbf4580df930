"""The analyzer of the interview: the rules, and whatever its flow's version has learnt."""

from __future__ import annotations

from triage.analysis.base import Alarm, Facts, Scored, Utterance
from triage.analysis.rules import RulesAnalyzer
from triage.analysis.semantic import danger
from triage.analysis.semantic.joining import informed
from triage.classifiers import About, recalled


class AttentiveAnalyzer(RulesAnalyzer):
    """Knows what a case is like, and hears danger that is only hinted at, as soon as that is learnt."""

    def __init__(self) -> None:
        super().__init__(_Learnt())


class _Learnt:
    def categories(self, facts: Facts, by_rules: tuple[Scored, ...]) -> tuple[Scored, ...]:
        learnt = recalled(facts, About.CATEGORY)
        return informed(facts, by_rules, learnt.predict) if learnt else by_rules

    def alarms(self, facts: Facts, said: Utterance) -> tuple[Alarm, ...] | None:
        learnt = recalled(facts, About.DANGER)
        return danger.heard(learnt, said) if learnt else None
