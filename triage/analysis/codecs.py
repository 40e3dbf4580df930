"""Findings and assessments as JSON, for step results and the conversation memory.

`validate_python` raises ValueError on anything that was not dumped here.
"""

from __future__ import annotations

from pydantic import TypeAdapter

from triage.analysis.base import Assessment, Finding
from triage.analysis.strategies import Verdict

FINDING: TypeAdapter[Finding] = TypeAdapter(Finding)
VERDICT: TypeAdapter[Verdict] = TypeAdapter(Verdict)
ASSESSMENT: TypeAdapter[Assessment] = TypeAdapter(Assessment)
