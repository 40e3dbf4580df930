"""What the flow's rules make of one sentence, heard as an opening is: with the slots that the words themselves fill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triage.analysis.assess import assess
from triage.analysis.base import Assessment, Evidence, Facts, Finding, Known, Utterance
from triage.analysis.rules import RulesAnalyzer
from triage.evaluation.cases import Case
from triage.flows.answers import read_words
from triage.flows.schema import Flow


@dataclass(frozen=True, slots=True)
class Ear:
    """`now` is when everything is said, as "amanhã" means another day every day."""

    flow: Flow
    now: datetime

    def facts(self, case: Case) -> Facts:
        language = case.language or self.flow.languages[0]
        read = read_words(self.flow, language, case.text, self.now)
        slots = {one.slot: Known(one.value, Evidence("said", one.start, one.end, "", one.source)) for one in read}
        return Facts(self.flow, language, self.now, slots, (Utterance("said", case.text),))

    def finding(self, case: Case) -> Finding:
        return RulesAnalyzer().analyse(self.facts(case))

    def scores(self, case: Case) -> dict[str, float]:
        """What the rules give each category that anything speaks for."""
        return {scored.id: scored.score for scored in self.finding(case).categories}

    def assessment(self, case: Case) -> Assessment:
        facts = self.facts(case)
        return assess(facts, RulesAnalyzer().analyse(facts))
