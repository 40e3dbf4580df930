"""How well the interview understood people whose truth is known, beside the same flow as a fixed form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from triage.analysis.base import Assessment
from triage.flows.schema import LEVELS, URGENCIES, Flow
from triage.simulation.persona import Persona, Truth
from triage.simulation.talks import Line, Talk, fixed_form, interview


@dataclass(frozen=True, slots=True)
class Reached:
    """`level_off`, `urgency_off`: steps above (+) or below (-) the truth."""

    category: str
    level: str
    urgency: str
    category_right: bool
    level_off: int
    urgency_off: int
    questions: int

    @property
    def rank(self) -> tuple[int, ...]:
        """Greater is better."""
        return int(self.category_right), -max(0, -self.urgency_off), -abs(self.level_off), -abs(self.urgency_off)


@dataclass(frozen=True, slots=True)
class Score:
    """`form_all` repeats also what earlier words had told, `form` leaves that out.

    `flags_late` were raised, but not in the turn in which the words were said; `contradicted`: slots told in two ways,
    of which `noticed` were asked about.
    """

    persona: str
    language: str
    switches: bool
    style: str
    wanted: dict[str, str]
    interview: Reached
    form: Reached
    form_all: Reached
    flags_at_once: list[str]
    flags_late: list[str]
    flags_missed: list[str]
    flags_false: list[str]
    contradicted: list[str]
    noticed: list[str]
    asked_for_nothing: list[str]
    not_understood: int

    @property
    def ratio(self) -> float:
        return self.interview.questions / self.form.questions

    @property
    def as_good(self) -> bool:
        return self.interview.rank >= self.form.rank


def score(flow: Flow, persona: Persona) -> tuple[Score, Talk]:
    talk = interview(flow, persona)
    truth = persona.truth
    at_once, late, missed, false = _flags(truth, talk.lines)
    told_twice = [line.answer.contradicts for line in talk.lines if line.answer.contradicts]
    asked = [line.asks_about for line in talk.lines if line.asks_about]
    made = Score(
        persona=persona.id,
        language=persona.language,
        switches=persona.switch is not None,
        style=persona.style,
        wanted={"category": truth.category, "level": truth.level, "urgency": truth.urgency},
        interview=_reached(truth, talk.assessment, talk.questions),
        form=_of_form(flow, persona, reads_ahead=True),
        form_all=_of_form(flow, persona, reads_ahead=False),
        flags_at_once=at_once,
        flags_late=late,
        flags_missed=missed,
        flags_false=false,
        contradicted=told_twice,
        noticed=[slot for slot in told_twice if slot in asked],
        asked_for_nothing=[slot for slot in dict.fromkeys(asked) if slot not in told_twice],
        not_understood=sum(line.kind == "unclear" for line in talk.lines),
    )
    return made, talk


def summary(scores: Sequence[Score]) -> dict[str, Any]:
    """The figures of all; shares are of personas unless the name says otherwise."""
    flags = {name: sum(len(getattr(one, f"flags_{name}")) for one in scores) for name in ("at_once", "late", "missed")}
    ours, form = ([getattr(one, name) for one in scores] for name in ("interview", "form"))
    return {
        "personas": len(scores),
        "interview": _figures(ours),
        "form": _figures(form),
        "form_asking_what_was_told": _figures([one.form_all for one in scores]),
        "ratio_of_questions": _ratio(ours, form),
        "ratio_to_form_asking_what_was_told": _ratio(ours, [one.form_all for one in scores]),
        "as_good_as_form": _share(one.as_good for one in scores),
        "flags": {**flags, "false": sum(len(one.flags_false) for one in scores)},
        "contradictions": {
            "told": sum(len(one.contradicted) for one in scores),
            "asked_about": sum(len(one.noticed) for one in scores),
            "asked_for_nothing": sum(len(one.asked_for_nothing) for one in scores),
        },
        "answers_not_understood": sum(one.not_understood for one in scores),
        "category_by_language": {
            language: _share(one.interview.category_right for one in scores if one.language == language)
            for language in sorted({one.language for one in scores})
        },
        "category_of_those_who_switch": _share(one.interview.category_right for one in scores if one.switches),
    }


def as_json(one: Score) -> dict[str, Any]:
    return {**asdict(one), "ratio": round(one.ratio, 3), "as_good": one.as_good}


def _flags(truth: Truth, lines: Iterable[Line]) -> tuple[list[str], list[str], list[str], list[str]]:
    raised: set[str] = set()
    at_once: list[str] = []
    for line in lines:
        at_once += [flag for flag in line.answer.flags if flag in line.flags and flag not in at_once]
        raised |= line.flags
    late = [flag for flag in truth.red_flags if flag in raised and flag not in at_once]
    missed = [flag for flag in truth.red_flags if flag not in raised]
    return at_once, late, missed, sorted(raised - truth.red_flags.keys())


def _of_form(flow: Flow, persona: Persona, *, reads_ahead: bool) -> Reached:
    talk = fixed_form(flow, persona, reads_ahead=reads_ahead)
    return _reached(persona.truth, talk.assessment, talk.questions)


def _reached(truth: Truth, assessment: Assessment, questions: int) -> Reached:
    return Reached(
        category=assessment.category["id"],
        level=assessment.level,
        urgency=assessment.urgency_level,
        category_right=assessment.category["id"] == truth.category,
        level_off=LEVELS.index(assessment.level) - LEVELS.index(truth.level),
        urgency_off=URGENCIES.index(assessment.urgency_level) - URGENCIES.index(truth.urgency),
        questions=questions,
    )


def _figures(reached: Sequence[Reached]) -> dict[str, Any]:
    return {
        "category": _share(one.category_right for one in reached),
        "level": _share(one.level_off == 0 for one in reached),
        "level_under": sum(one.level_off < 0 for one in reached),
        "level_over": sum(one.level_off > 0 for one in reached),
        "urgency": _share(one.urgency_off == 0 for one in reached),
        "urgency_under": sum(one.urgency_off < 0 for one in reached),
        "urgency_over": sum(one.urgency_off > 0 for one in reached),
        "questions": sum(one.questions for one in reached),
    }


def _ratio(ours: Sequence[Reached], form: Sequence[Reached]) -> float:
    return round(sum(one.questions for one in ours) / sum(one.questions for one in form), 3)


def _share(hits: Iterable[bool]) -> float | None:
    """None of nobody."""
    all_ = list(hits)
    return round(sum(all_) / len(all_), 3) if all_ else None
