"""Findings of what was analysed before, by its content: the same words about the same flow cost nothing twice.

Kept in Redis for a day, without ids of cases or messages; evidence points to the n-th utterance. Without Redis
everything is analysed anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

import structlog
from django.core.cache import cache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from triage.analysis.base import Analyzer, Cost, Evidence, Facts, Finding, Scored
from triage.analysis.codecs import FINDING

log = structlog.get_logger(__name__)

KEPT = 24 * 3600  # seconds
REUSED = "reused"
AWAY = (RedisError, ConnectionInterrupted)


class Reusing:
    """An analyzer that remembers what it found. `edition` names what its answers depend on besides the facts."""

    def __init__(self, analyzer: Analyzer, edition: str) -> None:
        self.name = analyzer.name
        self._analyzer, self._edition = analyzer, edition

    def analyse(self, facts: Facts) -> Finding:
        key = f"finding:{facts.version}:{self._digest(facts)}"
        if (known := _recall(key, facts)) is not None:
            return replace(known, cost=Cost(), notes=(*known.notes, REUSED))
        finding = self._analyzer.analyse(facts)
        _keep(key, finding, facts)
        return finding

    def _digest(self, facts: Facts) -> str:
        slots = {name: known.value for name, known in sorted(facts.slots.items())}
        texts = [[utterance.text, utterance.settled] for utterance in facts.utterances]
        day = facts.now.date().isoformat()  # "tomorrow" is another day tomorrow
        content = [self.name, self._edition, facts.flow.id, facts.version, facts.language, day, texts, slots]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, default=str).encode()).hexdigest()


def forget(flow_version_id: int) -> None:
    """What was found by what that version has learnt quotes its examples, which may be somebody's words."""
    try:
        cast(Any, cache).delete_pattern(f"finding:{flow_version_id}:*", itersize=1000)
    except AWAY as error:  # it ends within a day all the same
        log.warning("findings_not_forgotten", error=type(error).__name__)


def _recall(key: str, facts: Facts) -> Finding | None:
    try:
        body = cache.get(key)
        return None if body is None else _readdressed(FINDING.validate_python(body), _names(facts))
    except (*AWAY, ValueError, LookupError) as error:
        log.warning("finding_not_recalled", error=type(error).__name__)
        return None


def _keep(key: str, finding: Finding, facts: Facts) -> None:
    places = {name: place for place, name in _names(facts).items()}
    try:
        cache.set(key, FINDING.dump_python(_readdressed(finding, places), mode="json"), KEPT)
    except (*AWAY, LookupError) as error:
        log.warning("finding_not_kept", error=type(error).__name__)


def _names(facts: Facts) -> dict[str, str]:
    """The number of an utterance, and its message."""
    return {str(number): utterance.message_id for number, utterance in enumerate(facts.utterances)}


def _readdressed(finding: Finding, addresses: dict[str, str]) -> Finding:
    """Raises KeyError for evidence from elsewhere."""

    def moved(evidence: Evidence) -> Evidence:
        return replace(evidence, message_id=addresses[evidence.message_id])

    def each(group: Iterable[Scored]) -> tuple[Scored, ...]:
        return tuple(replace(one, evidence=tuple(map(moved, one.evidence))) for one in group)

    changed: dict[str, Any] = {name: each(getattr(finding, name)) for name in ("categories", "factors", "red_flags")}
    return replace(finding, **changed)
