"""Analyzers that say the same whatever they are asked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from triage.analysis.base import Evidence, Facts, Finding, Scored

QUOTED = Evidence("m1", 0, 5, "crash", "model:quick")


@dataclass
class Scripted:
    """Says the same whatever it is asked."""

    name: str
    answer: Finding | Exception
    asked: int = 0

    def analyse(self, facts: Facts) -> Finding:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def saying(category: str, score: float = 0.9, name: str = "quick", **more: object) -> Finding:
    plain = Finding(name, (Scored(category, score, (QUOTED,)),), (), (), "neutral", ())
    return replace(plain, **more)  # type: ignore[arg-type]


def model(category: str, score: float = 0.9, name: str = "quick", **more: object) -> Scripted:
    return Scripted(name, saying(category, score, name, **more))


def learnt(category: str, score: float = 0.9, **more: object) -> Scripted:
    return Scripted("semantic", saying(category, score, "semantic", calibrated=True, **more))
