"""Findings and assessments as JSON, for step results and the conversation memory.

`validate_python` raises ValueError on anything that was not dumped here.
"""

from __future__ import annotations

from pydantic import TypeAdapter

from triage.analysis.base import Assessment, Finding

FINDING: TypeAdapter[Finding] = TypeAdapter(Finding)
ASSESSMENT: TypeAdapter[Assessment] = TypeAdapter(Assessment)
