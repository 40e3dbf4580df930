"""What a run consists of: small named steps, each a function of the facts and of what the steps before it brought."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any

from triage.analysis.assess import assess
from triage.analysis.base import Facts
from triage.analysis.codecs import ASSESSMENT, FINDING
from triage.analysis.result import Stage, compose
from triage.orchestrator.recollection import analyzer

Outputs = dict[str, Any]
Step = Callable[[Facts, Outputs], Any]


def _understand(facts: Facts, _done: Outputs) -> Any:
    begun = time.monotonic()
    finding = analyzer().analyse(facts)
    stage: Stage = {
        "analyzer": finding.analyzer,
        "status": "ok",
        "ms": round((time.monotonic() - begun) * 1000),
        "cost": 0.0,
        "note": "",
    }
    return {"finding": FINDING.dump_python(finding, mode="json"), "stages": [stage]}


def _assess(facts: Facts, done: Outputs) -> Any:
    finding = FINDING.validate_python(done["understand"]["finding"])
    return ASSESSMENT.dump_python(assess(facts, finding), mode="json")


def _compose(facts: Facts, done: Outputs) -> Any:
    finding = FINDING.validate_python(done["understand"]["finding"])
    return compose(facts, finding, ASSESSMENT.validate_python(done["assess"]), done["understand"]["stages"])


STEPS: dict[str, Step] = {"understand": _understand, "assess": _assess, "compose": _compose}


def first_missing(finished: Collection[str]) -> str:
    """The step at which a run goes on; "deliver" when only the result is still to be handed over."""
    return next((name for name in STEPS if name not in finished), "deliver")
