"""How a case is analysed: the simpler the case, the fewer are asked.

`simple`: the interview's own reading, checked by what was learnt from examples. `failover`: language models in
their order, then what was learnt, then the rules; the first valid finding wins. `ensemble`: all at once, weighed
by how reliable each is known to be; where they differ a judge may decide. Without models all of it works.

Whoever could not be asked is a stage that failed, the result says `degraded`, and a person is asked to look. Red flags
are what any analyzer saw: nobody's silence takes one away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from triage.analysis.base import Analyzer, Cost, Facts, Finding, Scored
from triage.analysis.llm.errors import ModelFailed
from triage.analysis.pooling import agree, pooled
from triage.breaker import Postponed
from triage.flows.schema import Strategy

log = structlog.get_logger(__name__)

Stage = dict[str, Any]
"""`{analyzer, status: ok|failed|skipped, ms, cost, tokens, note}`; `cost` in US dollars, None when it is not known.

What a case is like (`Finding.nearest`) is not here: a result goes to the client, and an example may be another's words.
"""

FLOW_TYPES: dict[Strategy, str] = {
    "simple": "direct_simple",
    "failover": "standard_analysis",
    "ensemble": "ensemble_analysis",
}
DEGRADED = "degraded"
Judge = Callable[[Sequence[Finding]], Analyzer]
"""Makes an analyzer that decides between findings that differ."""


@dataclass(frozen=True, slots=True)
class Analysts:
    """Who may be asked about a flow. `learnt`: None when the flow has nothing to learn from.

    `reliability`: how often an analyzer's category is right, by name, as far as that was measured.
    """

    rules: Analyzer
    learnt: Analyzer | None = None
    models: tuple[Analyzer, ...] = ()
    judge: Judge | None = None
    reliability: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`doubts`: codes for why a person should look, which the finding alone does not show."""

    finding: Finding
    stages: list[Stage]
    strategy: Strategy
    flow_type: str
    doubts: list[str]


class NotReady(Exception):
    """The analyzer cannot say anything yet; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def analyse(facts: Facts, analysts: Analysts, strategy: Strategy, own: Finding, own_stage: Stage) -> Verdict:
    """`own`: the rules' finding, by which the strategy was chosen, and its stage."""
    asked = _Asked(facts, [own_stage])
    best = {"simple": _simple, "failover": _failover, "ensemble": _ensemble}[strategy](facts, analysts, own, asked)
    if facts.chosen_category is not None:
        best = replace(best, categories=own.categories, calibrated=False)
    finding = _completed(best, [own, *asked.findings])
    doubts = [DEGRADED] if asked.has_failed else []
    if not agree([own, *asked.findings, finding]):
        doubts.append("analyzers_disagree")
    if len({one.level for one in asked.findings if one.level}) > 1:
        doubts.append("levels_differ")
    return Verdict(finding, asked.stages, strategy, DEGRADED if asked.has_failed else FLOW_TYPES[strategy], doubts)


def stage_of(finding: Finding, begun: float) -> Stage:
    """`begun`: by the monotonic clock."""
    return _stage(finding.analyzer, "ok", begun, finding.cost, note=", ".join(finding.notes))


def _stage(analyzer: str, status: str, begun: float, cost: Cost | None = None, *, note: str = "") -> Stage:
    paid = cost or Cost()
    return {
        "analyzer": analyzer,
        "status": status,
        "ms": round((time.monotonic() - begun) * 1000),
        "cost": paid.dollars,
        "tokens": paid.tokens_in + paid.tokens_out,
        "note": note,
    }


@dataclass(slots=True)
class _Asked:
    """What came of asking."""

    facts: Facts
    stages: list[Stage]
    findings: list[Finding] = field(default_factory=list)
    has_failed: bool = False

    def ask(self, analyst: Analyzer) -> Finding | None:
        finding, stage = _ask(analyst, self.facts)
        self.note(finding, stage)
        return finding

    def note(self, finding: Finding | None, stage: Stage) -> None:
        self.stages.append(stage)
        if finding is None:
            self.has_failed = True
        else:
            self.findings.append(finding)


def _ask(analyst: Analyzer, facts: Facts) -> tuple[Finding | None, Stage]:
    """Whatever goes wrong with one analyzer is a stage, not the end of the analysis: there are others."""
    begun = time.monotonic()
    try:
        finding = analyst.analyse(facts)
    except SoftTimeLimitExceeded:
        raise
    except (NotReady, Postponed) as error:
        return None, _stage(analyst.name, "skipped", begun, note=getattr(error, "code", "postponed"))
    except ModelFailed as error:  # what it said was paid for all the same
        log.warning("analyzer_failed", analyzer=analyst.name, error=error.code)
        return None, _stage(analyst.name, "failed", begun, error.cost, note=error.code)
    except Exception as error:  # without its text, which may quote what a person said
        log.warning("analyzer_failed", analyzer=analyst.name, error=type(error).__name__)
        return None, _stage(analyst.name, "failed", begun, note=type(error).__name__)
    return finding, stage_of(finding, begun)


def _simple(facts: Facts, analysts: Analysts, own: Finding, asked: _Asked) -> Finding:
    found = asked.ask(analysts.learnt) if analysts.learnt is not None else None
    return _checked(own, found, facts) if found else own


def _checked(own: Finding, learnt: Finding, facts: Facts) -> Finding:
    """The interview's reading, which heard every answer, with the probability that its telling alone gives it.

    What was learnt decides where the rules heard nothing, or where it is so sure that somebody may act upon it.
    """
    fallback = facts.flow.fallback_category
    mine = own.categories[0] if own.categories else None
    best = learnt.categories[0]
    is_surer = learnt.sure is not None and best.score >= learnt.sure.act_above and best.id != fallback
    if mine is None or mine.id in (fallback, best.id) or is_surer:
        return learnt
    others = [one for one in learnt.categories if one.id != mine.id]
    share = next((one.score for one in learnt.categories if one.id == mine.id), 0.0)
    return replace(learnt, categories=(Scored(mine.id, share, mine.evidence), *others), sure=None)


def _failover(facts: Facts, analysts: Analysts, own: Finding, asked: _Asked) -> Finding:
    for model in analysts.models:
        if (found := asked.ask(model)) is not None:
            return found
    return _simple(facts, analysts, own, asked)


def _ensemble(facts: Facts, analysts: Analysts, own: Finding, asked: _Asked) -> Finding:
    """Models are asked side by side, in threads; what was learnt is asked here, as it reads the database."""
    if not analysts.models:
        return _simple(facts, analysts, own, asked)
    with ThreadPoolExecutor(len(analysts.models)) as threads:
        waiting = [threads.submit(_ask, model, facts) for model in analysts.models]
        if analysts.learnt is not None:
            asked.ask(analysts.learnt)
        for one in waiting:
            asked.note(*one.result())
    if not asked.findings:
        return own
    if analysts.judge is not None and not agree(asked.findings):
        asked.ask(analysts.judge(tuple(asked.findings)))
    # With the rules' reading it is checked as ever; asked beside it they would vote twice.
    voters = [_checked(own, one, facts) if one.calibrated else one for one in asked.findings]
    if not any(one.calibrated for one in voters):
        voters.insert(0, own)
    if len(voters) == 1:
        return voters[0]
    return replace(voters[0], categories=pooled(voters, analysts.reliability), sure=None)


def _completed(best: Finding, findings: Sequence[Finding]) -> Finding:
    """With the red flags and factors that anybody saw; words and tone are the rules' where the best has none."""
    own = findings[0]
    return replace(
        best,
        red_flags=_union(one.red_flags for one in findings),
        factors=_union(one.factors for one in findings),
        keywords=best.keywords or own.keywords,
        sentiment=own.sentiment,
    )


def _union(groups: Any) -> tuple[Scored, ...]:
    """The first who saw a thing is quoted."""
    found: dict[str, Scored] = {}
    for group in groups:
        for scored in group:
            found.setdefault(scored.id, scored)
    return tuple(found.values())
