"""An analyzer that can be caught in its work: it notes when it began, and waits while a file is there."""

from __future__ import annotations

import os
import time
from pathlib import Path

from triage.analysis.base import Facts, Finding
from triage.analysis.rules import RulesAnalyzer


class HeldAnalyzer(RulesAnalyzer):
    def analyse(self, facts: Facts) -> Finding:
        hold = Path(os.environ["BENCHMARK_HOLD"])
        noted = hold.with_suffix(f".{os.getpid()}")
        noted.write_text(str(time.monotonic()))
        noted.replace(hold.with_suffix(".begun"))
        while hold.exists():
            time.sleep(0.02)
        return super().analyse(facts)
