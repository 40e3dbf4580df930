"""What the flow's rules make of one sentence, heard as an opening is: with the slots that the words themselves fill."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from triage.analysis.assess import assess
from triage.analysis.base import Alarm, Assessment, Evidence, Facts, Finding, Known, Scored, Utterance
from triage.analysis.rules import Insight, RulesAnalyzer
from triage.analysis.semantic import danger, teaching
from triage.analysis.semantic.installed import quick
from triage.analysis.semantic.recalled import Recalled
from triage.analysis.semantic.wanted import teaches_danger
from triage.evaluation.cases import Case
from triage.flows.answers import read_words
from triage.flows.schema import Flow


@dataclass(frozen=True, slots=True)
class _Dangers:
    """Hints of danger, and no opinion on categories."""

    learnt: Recalled

    def categories(self, facts: Facts, by_rules: tuple[Scored, ...]) -> tuple[Scored, ...]:
        return by_rules

    def alarms(self, facts: Facts, said: Utterance) -> tuple[Alarm, ...] | None:
        return danger.heard(self.learnt, said)


@dataclass(frozen=True, slots=True)
class Ear:
    """`now` is when everything is said, as "amanhã" means another day every day. `insight`: as of the rules."""

    flow: Flow
    now: datetime
    insight: Insight | None = None

    def attentive(self) -> Ear:
        """Who hears hints of danger too, as an interview does; learning that takes half a minute."""
        if not teaches_danger(self.flow):
            return self
        return replace(self, insight=_Dangers(Recalled(teaching.dangers(self.flow, quick()))))

    def facts(self, case: Case) -> Facts:
        language = case.language or self.flow.languages[0]
        read = read_words(self.flow, language, case.text, self.now)
        slots = {one.slot: Known(one.value, Evidence("said", one.start, one.end, "", one.source)) for one in read}
        return Facts(self.flow, language, self.now, slots, (Utterance("said", case.text),))

    def finding(self, case: Case) -> Finding:
        return RulesAnalyzer(self.insight).analyse(self.facts(case))

    def assessment(self, case: Case) -> Assessment:
        facts = self.facts(case)
        return assess(facts, self.finding(case))
