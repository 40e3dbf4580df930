"""An analyzer that takes its time, so that a kill at random finds it at work."""

from __future__ import annotations

import random
import time

from triage.analysis.base import Facts, Finding
from triage.analysis.rules import RulesAnalyzer


class SlowAnalyzer(RulesAnalyzer):
    def analyse(self, facts: Facts) -> Finding:
        time.sleep(random.uniform(0.05, 0.6))
        return super().analyse(facts)
