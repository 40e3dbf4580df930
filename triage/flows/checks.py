"""What a flow must fulfil beyond its shape. Each problem is a path and a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from triage.errors import FlowInvalid
from triage.flows.checking.examples import check_examples
from triage.flows.checking.reach import check_reach
from triage.flows.checking.references import check_references
from triage.flows.checking.translations import check_translations
from triage.flows.schema import LEVELS, URGENCIES, Flow

Problem = tuple[str, str]
_REASONS = {"missing": "is missing", "extra_forbidden": "is not known here"}


def parse_flow(data: object) -> Flow:
    """The flow that this data describes. Raises FlowInvalid with problems that read `path: reason`."""
    if data is None:
        raise FlowInvalid(["flow: is empty"])
    try:
        flow = Flow.model_validate(data)
    except ValidationError as error:
        problems = [(_path(data, found["loc"]), _reason(found)) for found in error.errors()]
    else:
        problems = check_flow(flow)
        if not problems:
            return flow
    raise FlowInvalid([f"{path}: {reason}" for path, reason in dict.fromkeys(problems)])


def check_flow(flow: Flow) -> list[Problem]:
    """Every mistake found; who reaches what is asked only once all names are right."""
    problems = [*_duplicates(flow), *_parts(flow), *_thresholds(flow), *check_translations(flow), *check_examples(flow)]
    wrong_names = list(check_references(flow))
    return [*problems, *(wrong_names or check_reach(flow))]


def _path(data: object, location: Sequence[int | str]) -> str:
    """Dotted, with ids in place of positions; what pydantic adds below a plain value is left out."""
    path, here = "", data
    for step in location:
        if isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
            named = here.get("id") if isinstance(here, dict) else None
            path += f".{named}" if isinstance(named, str) else f"[{step}]"
        elif isinstance(here, dict):
            here = here.get(step)
            path += f".{step}"
        else:
            break
    return path.lstrip(".") or "flow"


def _reason(error: Any) -> str:
    message = str(error["msg"])
    return _REASONS.get(error["type"], message[:1].lower() + message[1:])


def _duplicates(flow: Flow) -> Iterator[Problem]:
    groups: dict[str, list[str]] = {
        "languages": flow.languages,
        "slots": [slot.id for slot in flow.slots],
        "questions": [question.id for question in flow.questions],
        "categories": [category.id for category in flow.categories],
        "factors": [factor.id for factor in flow.factors],
        "red_flags": [flag.id for flag in flow.red_flags],
        "urgency.rules": [rule.id for rule in flow.urgency.rules],
        **{f"slots.{slot.id}.choices": [choice.id for choice in slot.choices] for slot in flow.slots},
    }
    for path, ids in groups.items():
        for id_, times in Counter(ids).items():
            if times > 1:
                yield f"{path}.{id_}", f"is there {times} times"


def _parts(flow: Flow) -> Iterator[Problem]:
    for slot in flow.slots:
        if slot.kind == "choice" and not slot.choices:
            yield f"slots.{slot.id}.choices", "a choice needs something to choose from"
        if slot.kind != "choice" and slot.choices:
            yield f"slots.{slot.id}.choices", f"a slot of kind {slot.kind} takes no choices"
        if slot.kind != "yes_no" and (slot.affirms or slot.denies):
            yield f"slots.{slot.id}", f"a slot of kind {slot.kind} is neither affirmed nor denied"
    if flow.fallback_category not in {category.id for category in flow.categories}:
        yield "fallback_category", f"there is no category {flow.fallback_category}"
    kinds = {slot.id: slot.kind for slot in flow.slots}
    deadline = flow.urgency.deadline_slot
    if deadline is not None and kinds.get(deadline) != "date":
        yield "urgency.deadline_slot", f"there is no slot {deadline} of kind date"
    try:
        ZoneInfo(flow.time_zone)
    except (KeyError, ValueError, OSError):
        yield "time_zone", f"there is no time zone {flow.time_zone}"


def _thresholds(flow: Flow) -> Iterator[Problem]:
    complexity, urgency = flow.complexity, flow.urgency
    if complexity.medium >= complexity.high:
        yield "complexity.high", "must be above medium"
    yield from _missing("complexity.titles", LEVELS, complexity.titles)
    yield from _missing("analysis.strategies", LEVELS, flow.analysis.strategies)
    yield from _missing("complexity.limits", LEVELS, complexity.limits)
    yield from _missing("urgency.titles", URGENCIES, urgency.titles)
    yield from _missing("urgency.hours", URGENCIES, urgency.hours)
    for level, limit in complexity.limits.items():
        if limit.least > limit.most:
            yield f"complexity.limits.{level}", "least is more than most"
    mosts = [(level, complexity.limits[level].most) for level in LEVELS if level in complexity.limits]
    for (easier, fewer), (level, most) in pairwise(mosts):
        if most < fewer:
            yield f"complexity.limits.{level}.most", f"is less than for {easier}"
    hours = [(level, urgency.hours[level]) for level in reversed(URGENCIES) if level in urgency.hours]
    for (worse, fewer), (milder, more) in pairwise(hours):
        if more <= fewer:
            yield f"urgency.hours.{milder}", f"must be more than for {worse}"


def _missing(path: str, wanted: Sequence[str], given: object) -> Iterator[Problem]:
    assert isinstance(given, dict)
    for key in wanted:
        if key not in given:
            yield f"{path}.{key}", "is missing"
