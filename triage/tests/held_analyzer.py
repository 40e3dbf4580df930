"""An analyzer that can be caught in the middle of its work, for tests that kill workers.

While the file named by HOLD_FILE exists, it says so in `<file>.held` and waits.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from triage.analysis.base import Facts, Finding
from triage.analysis.rules import RulesAnalyzer


class HeldAnalyzer(RulesAnalyzer):
    def analyse(self, facts: Facts) -> Finding:
        hold = Path(os.environ["HOLD_FILE"])
        hold.with_suffix(".held").write_text(str(os.getpid()))
        while hold.exists():
            time.sleep(0.02)
        return super().analyse(facts)
